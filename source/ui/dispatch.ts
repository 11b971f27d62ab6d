import type { Clock } from '../shared/clock.ts';
import type { Session } from '../store/session.ts';
import type { Dialog, DialogContext } from './dialog.ts';
import { accountEffects } from './effects/accounts.ts';
import type { Asked, EffectContext, Effects } from './effects/effect.ts';
import { programEffects } from './effects/program.ts';
import { requestEffects } from './effects/requests.ts';
import { setupEffects } from './effects/setup.ts';
import { helpSearch } from './help-search.ts';
import type { Keymap, ScreenAction } from './keymap.ts';
import type { Size } from './layout.ts';
import type { Look } from './look.ts';
import type { Notices } from './notices.ts';
import { openDialog, type Dialogs, type DialogPlace } from './open-dialog.ts';
import type { Outside } from './outside.ts';
import { openPrompt, type PromptPlace } from './prompt.ts';
import { selectedRequest } from './request-window.ts';
import { createSwitches } from './switches.ts';
import type { Theme } from './theme.ts';
import { createUndos } from './undo.ts';
import { unknownKeyText } from './unknown-key.ts';
import { selectedAccount, stepView, type Place, type View } from './view.ts';

export type QuitKey = 'q' | 'ctrl+c';

/** What keys do while a sentence of the program stands that they answer, by their names; `q` is the key that quits. */
export type Answers = Readonly<Record<string, () => void>>;

/** What the person looks at, and in what. */
export type Looking = DialogPlace &
  PromptPlace & { answers: Answers; view: View; size: Size; theme: Theme; away: boolean };

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
  /** Leaves the screen for a sign-in; see `createSignInKey`. */
  signIn: (account: string) => Promise<number | null>;
  /** Leaves the screen for a demo; resolves with its exit code, null = it did not begin. */
  demo: () => Promise<number | null>;
  /** How the screen was asked to look at its start. */
  look: Look;
  outside: Outside;
  keys: Keymap;
  /** What a person is told of a failure. */
  explain(error: unknown): string;
};

/** What means the program, whatever is open; so does Ctrl-C. */
const always: ReadonlySet<string> = new Set(['suspend', 'redraw']);

/** Whether a key is for no prompt and no dialog: one that types a letter is theirs, whatever a person has put on it. */
const meansProgram = (key: string, found: ScreenAction | null): boolean =>
  key === 'ctrl+c' || (key.startsWith('ctrl+') && always.has(found?.name ?? ''));

/** What still means something while the help is open. */
const inHelp = /^(?:select\..+|help|back|quit|suspend|redraw)$/;

/** Does what the table calls by a name: changes what is looked at, sends a command, or tells that somebody wants to leave. */
const createPerform = (options: DispatchOptions): EffectContext['perform'] => {
  const { session, looking, dialogs, notices, draw } = options;
  const undos = createUndos(options.clock);
  const given = {
    commander: session,
    state: () => session.state(),
    account: () => selectedAccount(looking.view, session.state()),
    request: () => selectedRequest(looking.view, session.state()) ?? null,
    changed: options.drawSoon,
    perform: (action: string) => perform(action),
    outside: options.outside,
    keys: options.keys,
    copy: options.copy,
    tell: (text: string) => {
      notices.tell(text);
      draw();
    },
  };
  const open = (make: (context: DialogContext) => Dialog | null): void => openDialog(looking, make, given);
  const step = (action: string): void => {
    looking.view = stepView(looking.view, action, session.state(), options.place());
  };
  const perform = (action: string, asked: Asked = {}): void => {
    const found = options.keys.actions.find(({ name }) => name === action);
    if (found === undefined) return;
    if (session.readOnly === true && found.screen.changes === true) {
      return notices.tell(`READ-ONLY: attach without --read-only to ${found.screen.help ?? found.help}`);
    }
    const make = dialogs[action];
    const effect = effects[action];
    if (make !== undefined) open((dialog) => make(dialog, asked.argument));
    else if (effect !== undefined) effect(asked);
    else step(action);
  };
  const switches = createSwitches({ ...options, undos });
  const context: EffectContext = {
    ...options,
    ...given,
    undos,
    switches,
    open,
    step,
    perform,
    ask: (question) => openPrompt(looking, question),
  };
  const effects: Effects = {
    ...requestEffects(context),
    ...accountEffects(context),
    ...programEffects(context, options),
    ...setupEffects(context),
  };
  return perform;
};

/** What answers the sentence that stands, by that key: what quits goes by `q`, whichever key that is for this person. */
const answerTo = (answers: Answers, key: string, found: ScreenAction | null): (() => void) | undefined => {
  const quits = found?.name === 'quit' && key !== 'ctrl+c';
  const name = quits ? 'q' : key;
  return (quits || key !== 'q') && Object.hasOwn(answers, name) ? answers[name] : undefined;
};

/** What a key means: to what is open, or by the table of actions. */
export const createDispatch = (options: DispatchOptions): ((key: string) => void) => {
  const { looking, notices, keys } = options;
  const perform = createPerform(options);
  return (key) => {
    const { pane, help } = looking.view;
    const found = keys.actionFor(key, pane);
    const answer = answerTo(looking.answers, key, found);
    if (answer !== undefined) return answer();
    const taker = meansProgram(key, found) ? null : (looking.prompt ?? looking.dialog);
    if (taker !== null) return taker.press(key);
    if (help && found?.name === 'requests.filter') return openPrompt(looking, helpSearch(looking));
    if (help && (found === null || !inHelp.test(found.name))) return;
    if (found === null) notices.tell(unknownKeyText(key, pane, keys));
    else perform(found.name, { key });
  };
};
