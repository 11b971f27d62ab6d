import type { Session } from '../store/session.ts';
import { createAccountToggle } from './account-toggle.ts';
import { actionFor } from './keymap.ts';
import type { Layout, Size } from './layout.ts';
import { openDialog, type Dialogs, type DialogPlace } from './open-dialog.ts';
import { accountIndex, stepView, type View } from './view.ts';

export type QuitKey = 'q' | 'ctrl+c';

/** What the person looks at, and in what. */
export type Looking = DialogPlace & { view: View; size: Size };

export type DispatchOptions = {
  session: Session;
  /** Changed by the keys. */
  looking: Looking;
  dialogs: Dialogs;
  /** How the screen is divided now. */
  layout(): Layout;
  draw(): void;
  /** A sentence until the next key. */
  tell(text: string): void;
  copy(text: string): void;
  onQuit: (key: QuitKey) => void;
  onSuspend: () => void;
  onRedraw: () => void;
  onError: (error: unknown) => void;
};

/** The keys that mean the program, whatever is open. */
const always: ReadonlySet<string> = new Set(['ctrl+c', 'ctrl+z', 'ctrl+l']);

/** What a key does: changes what is looked at, sends a command, or tells that the person wants to leave. */
export const createDispatch = (options: DispatchOptions): ((name: string) => void) => {
  const { session, looking, dialogs, onError } = options;
  const toggle = createAccountToggle(session, onError);
  const { tell, copy, draw: changed } = options;
  const context = { commander: session, state: () => session.state(), tell, copy, changed };

  const quit = (name: string): void => {
    // q closes what is open first, as in every pager; Ctrl-C always means the program.
    if (looking.view.help && name === 'q') looking.view = { ...looking.view, help: false };
    else options.onQuit(name === 'q' ? 'q' : 'ctrl+c');
  };
  const toggleAccount = (): void => {
    const state = session.state();
    const account = state.accounts[accountIndex(looking.view, state)];
    if (account !== undefined) toggle(account);
  };
  const effects: Readonly<Record<string, (name: string) => void>> = {
    quit,
    suspend: options.onSuspend,
    redraw: options.onRedraw,
    'account.toggle': toggleAccount,
  };
  const act = (action: string, name: string): void => {
    const make = dialogs[action];
    if (make !== undefined) openDialog(looking, make, context);
    else if (effects[action] !== undefined) effects[action](name);
    else looking.view = stepView(looking.view, action, session.state(), options.layout());
  };
  const inHelp: ReadonlySet<string> = new Set(['help', 'back', 'quit', 'suspend', 'redraw']);
  return (name) => {
    if (looking.dialog !== null && !always.has(name)) return looking.dialog.press(name);
    const { view } = looking;
    const action = actionFor(name, view.pane)?.name;
    if (action !== undefined && (!view.help || inHelp.has(action))) act(action, name);
  };
};
