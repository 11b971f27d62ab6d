import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, moveHint, shownKey, type KeyHint, type Keymap } from '../keymap.ts';
import { scrollTo } from '../layout.ts';
import { cell, line, titleLine, type Cell } from '../line.ts';
import { movedBy } from '../moves.ts';
import type { Theme } from '../theme.ts';

export type MenuEntry = {
  /** A key that runs it at once, whatever is selected; it wins over the keys that move. */
  key?: string;
  word: string;
  /** What it does, for where there is room. */
  does: string;
  /** It is what is in use already: it stands marked, and choosing it changes nothing. */
  inUse?: true;
  run(): void;
};

export type Menu = {
  title: string;
  entries: readonly MenuEntry[];
  /** What Enter does, for the footer. */
  enter: string;
  /** The action that opens it, whose keys close it again. */
  opener: string;
};

const entryLine = (
  theme: Theme,
  { key, word, does, inUse }: MenuEntry,
  { selected, keys, words, columns }: { selected: boolean; keys: number; words: number; columns: number },
): string => {
  const { select, full } = theme.glyphs;
  const marks = cell(` ${selected ? select : ' '}${inUse === true ? full : ' '}`);
  const keyCell: Cell[] = keys === 0 ? [] : [{ text: shownKey(key ?? ''), width: keys, tone: 'strong' }];
  const cells: Cell[] = [marks, ...keyCell, { text: sanitize(word, 100), width: words }];
  const room = columns - cells.reduce((sum, { width }) => sum + width + 1, 0);
  const doesCell: Cell = { text: sanitize(does, 200), width: Math.max(0, room) };
  return line(theme, columns < 46 ? cells : [...cells, doesCell], columns, selected);
};

/** The keys that move: not those of an entry, which they would run. */
const movesOf = (keys: Keymap, entries: readonly MenuEntry[]): KeyHint[] => {
  const taken = new Set(entries.map(({ key }) => key));
  const [down, up] = ['select.next', 'select.previous'].map((action) =>
    keys.keysOf(action).filter((key) => !taken.has(key)),
  );
  const isFree = (action: string): boolean => !taken.has(keys.keysOf(action)[0]);
  if (isFree('select.next') && isFree('select.previous')) return moveHint(keys, 'move');
  const others = [up?.at(-1), down?.at(-1)].flatMap((key) => (key === undefined ? [] : [shownKey(key)]));
  return others.length === 0 ? [] : [{ key: others.join(' '), text: 'move' }];
};

/** Some things to choose one of; the one in use is selected at first. */
export const openMenu = (context: DialogContext, { title, entries, enter, opener }: Menu): Dialog => {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(displayWidth));
  const keys = widest(entries.map(({ key }) => shownKey(key ?? '')));
  const words = widest(entries.map(({ word }) => sanitize(word, 100)));
  const last = entries.length - 1;
  let at = Math.max(
    0,
    entries.findIndex(({ inUse }) => inUse === true),
  );
  const choose = (entry: MenuEntry | undefined): void => {
    context.close();
    if (entry !== undefined && entry.inUse !== true) entry.run();
  };
  return {
    lines: (theme, { columns, rows }) => {
      const note = entries.some(({ inUse }) => inUse === true) ? `${theme.glyphs.full} in use` : '';
      const head =
        rows > entries.length + 1 ? [titleLine(theme, { title, note, focused: true }, columns), ''] : [];
      const room = Math.max(1, rows - head.length);
      const top = scrollTo(at, 0, room, entries.length);
      const lines = entries.map((entry, index) =>
        entryLine(theme, entry, { selected: index === at, keys, words, columns }),
      );
      return [...head, ...lines.slice(top, top + room)];
    },
    footer: () => [
      ...movesOf(context.keys, entries),
      { key: 'Enter', text: enter },
      { key: 'Esc', text: 'close' },
    ],
    press(name) {
      const named = entries.find(({ key }) => key === name);
      if (named !== undefined) choose(named);
      else if (closesOpen(context.keys, name, opener)) context.close();
      else if (name === 'enter') choose(entries[at]);
      else at = movedBy(name, at, { page: entries.length, last }, context.keys);
    },
    paste: () => {},
  };
};
