import { moveHint, standardKeys, type KeyHint, type Keymap } from './keymap.ts';
import { movedBy } from './moves.ts';

/** One page of text that scrolls by the keys that move in lists. */
export type ScrollText = {
  /** Those of the lines that stand in so many rows, from where it was scrolled to. */
  shown(lines: readonly string[], rows: number): readonly string[];
  /** How many lines stood below those that were shown last. */
  below(): number;
  /** The keys that scroll, while not all of it is seen. */
  hints(): readonly KeyHint[];
  press(key: string): void;
  /** One page further where more stands below; false at the end, which it stays at. */
  readOn(): boolean;
  /** Back to the first line, for another text. */
  toTop(): void;
};

/** At the top at first. What is shown keeps its place when the text or the room changes, as far as it can. */
export const createScrollText = (keys: Keymap = standardKeys): ScrollText => {
  let top = 0;
  let [page, count] = [1, 0];
  const last = (): number => Math.max(0, count - page);
  return {
    shown(lines, rows) {
      page = Math.max(1, rows);
      count = lines.length;
      top = Math.min(top, last());
      return lines.slice(top, top + page);
    },
    below: () => Math.max(0, count - top - page),
    hints: () => (last() > 0 ? moveHint(keys, 'scroll') : []),
    press(key) {
      top = movedBy(key, top, { page, last: last() }, keys);
    },
    readOn() {
      if (top >= last()) return false;
      top = Math.min(last(), top + Math.max(1, page - 1));
      return true;
    },
    toTop() {
      top = 0;
    },
  };
};
