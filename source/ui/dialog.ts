import type { Commander } from '../shared/session.ts';
import type { AccountView } from '../shared/types.ts';
import type { RequestRow, State } from '../store/state.ts';
import type { KeyHint, Keymap } from './keymap.ts';
import type { Size } from './layout.ts';
import type { Outside } from './outside.ts';
import type { Theme } from './theme.ts';

/** What a dialog may do to the screen it stands on. */
export type DialogContext = {
  commander: Commander;
  state(): State;
  /** The selected account; null when there is none. */
  account(): AccountView | null;
  /** The request at the mark of the selection; null when there is none. */
  request(): RequestRow | null;
  /** Something of it looks different, and no key was the reason: draw it again. */
  changed(): void;
  close(): void;
  /** Does what the table of actions calls by that name, on the screen that it stands on. */
  perform(action: string): void;
  /** What works here beyond the instance. */
  outside: Outside;
  /** The keys of this person, for what moves and for sentences that name a key. */
  keys: Keymap;
  /** A sentence in place of the newest log line, until the next key. */
  tell(text: string): void;
  /** Puts text into the clipboard of the person's terminal; nothing tells whether that terminal allows it. */
  copy(text: string): void;
};

/** Something between header and footer that takes all keys while it is open: a form, a page. */
export type Dialog = {
  /** In a wide terminal it has the right half, and the panes go on in the left one; else it covers them. */
  beside?: true;
  /** What it shows in that room; lines that are too many or too wide are cut. */
  lines(theme: Theme, size: Size): readonly string[];
  /** The keys that mean something now. */
  footer(): readonly KeyHint[];
  /** One key by its name: `a`, `A`, `space`, `enter`, `escape`, `backspace`, `up`. */
  press(name: string): void;
  /** Pasted text, as it is: line ends, control characters and all. */
  paste(text: string): void;
};
