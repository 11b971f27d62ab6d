import type { Clock } from '../shared/clock.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Session } from '../store/session.ts';
import { createAccountToggle, undoMs, type AccountToggle } from './account-toggle.ts';
import { actionFor } from './keymap.ts';
import type { Size } from './layout.ts';
import type { Notices } from './notices.ts';
import { openDialog, type Dialogs, type DialogPlace } from './open-dialog.ts';
import { accountIndex, isOpen, stepView, type Place, type View } from './view.ts';

export type QuitKey = 'q' | 'ctrl+c';

/** What the person looks at, and in what. */
export type Looking = DialogPlace & { view: View; size: Size };

export type DispatchOptions = {
  session: Session;
  clock: Clock;
  /** Changed by the keys. */
  looking: Looking;
  dialogs: Dialogs;
  notices: Notices;
  /** How the screen is divided now. */
  place(): Place;
  /** Draws at once: what a key asked for has happened. */
  draw(): void;
  /** Draws soon: something changed that was no key. */
  drawSoon(): void;
  copy(text: string): void;
  onQuit: (key: QuitKey) => void;
  onSuspend: () => void;
  onRedraw: () => void;
  /** What a person is told of a failure. */
  explain(error: unknown): string;
};

/** The keys that mean the program, whatever is open. */
const always: ReadonlySet<string> = new Set(['ctrl+c', 'ctrl+z', 'ctrl+l']);

/** What still means something while the help is open. */
const inHelp = /^(?:select\..+|help|back|quit|suspend|redraw)$/;

const toggleWithWords = ({
  session,
  clock,
  notices,
  draw,
  explain,
}: Pick<DispatchOptions, 'session' | 'clock' | 'notices' | 'draw' | 'explain'>): AccountToggle =>
  createAccountToggle({
    commander: session,
    clock,
    onDone: ({ name }, paused, undone) => {
      const done = `${paused ? 'paused' : 'resumed'} ${sanitize(name, 60)}`;
      notices.show(undone ? `undone: ${done}` : `${done} · u undoes`, undoMs);
      draw();
    },
    onError: (error) => {
      notices.tell(explain(error));
      draw();
    },
  });

/** What a key does: changes what is looked at, sends a command, or tells that the person wants to leave. */
export const createDispatch = (options: DispatchOptions): ((name: string) => void) => {
  const { session, looking, dialogs, notices, draw } = options;
  const accounts = toggleWithWords(options);
  const context = {
    commander: session,
    state: () => session.state(),
    changed: options.drawSoon,
    copy: options.copy,
    tell: (text: string) => {
      notices.tell(text);
      draw();
    },
  };
  const step = (action: string): void => {
    looking.view = stepView(looking.view, action, session.state(), options.place());
  };
  const effects: Readonly<Record<string, (name: string) => void>> = {
    // q closes what is open first, as in every pager; Ctrl-C always means the program.
    quit: (name) => {
      if (name === 'q' && isOpen(looking.view)) step('back');
      else options.onQuit(name === 'q' ? 'q' : 'ctrl+c');
    },
    suspend: options.onSuspend,
    redraw: options.onRedraw,
    'account.toggle': () => {
      const state = session.state();
      const account = state.accounts[accountIndex(looking.view, state)];
      if (account !== undefined) accounts.toggle(account);
    },
    undo: () => {
      if (!accounts.undo()) notices.tell('nothing to undo');
    },
  };
  return (name) => {
    if (looking.dialog !== null && !always.has(name)) return looking.dialog.press(name);
    const found = actionFor(name, looking.view.pane);
    if (found === null || (looking.view.help && !inHelp.test(found.name))) return;
    const { name: action, screen, help } = found;
    if (session.readOnly === true && screen.changes === true) {
      return notices.tell(`READ-ONLY: attach without --read-only to ${screen.help ?? help}`);
    }
    const make = dialogs[action];
    if (make !== undefined) openDialog(looking, make, context);
    else if (effects[action] !== undefined) effects[action](name);
    else step(action);
  };
};
