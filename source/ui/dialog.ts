import type { Commander } from '../shared/session.ts';
import type { State } from '../store/state.ts';
import type { KeyHint } from './keymap.ts';
import type { Size } from './layout.ts';
import type { Theme } from './theme.ts';

/** What a dialog may do to the screen it stands on. */
export type DialogContext = {
  commander: Commander;
  state(): State;
  /** Something of it looks different, and no key was the reason: draw it again. */
  changed(): void;
  close(): void;
  /** A sentence in place of the newest log line, until the next key. */
  tell(text: string): void;
  /** Puts text into the clipboard of the person's terminal; nothing tells whether that terminal allows it. */
  copy(text: string): void;
};

/** Something between header and footer that takes all keys while it is open: a form, a page. */
export type Dialog = {
  /** What it shows in that room; lines that are too many or too wide are cut. */
  lines(theme: Theme, size: Size): readonly string[];
  /** The keys that mean something now. */
  footer(): readonly KeyHint[];
  /** One key by its name: `a`, `A`, `space`, `enter`, `escape`, `backspace`, `up`. */
  press(name: string): void;
  /** Pasted text, as it is: line ends, control characters and all. */
  paste(text: string): void;
};
