import type { KeyGroup, Pane } from '../../shared/action.ts';
import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { wrap } from '../fit.ts';
import { screenActions, shownKey, type Keymap, type ScreenAction } from '../keymap.ts';
import type { Size } from '../layout.ts';
import { cell, cellsWidth, line } from '../line.ts';
import type { Theme } from '../theme.ts';

// A type, not an interface: ink-table asks for an index signature.
export type HelpRow = { keys: string; where: string; does: string };

const rowOf = ({ screen, help }: ScreenAction, separator: string): HelpRow => ({
  keys: screen.keys.map(shownKey).join(separator),
  where: screen.where === 'all' ? '' : screen.where,
  does: screen.help ?? help,
});

/** Every key of the screen, in the order of the action table. */
export const helpRows: readonly HelpRow[] = screenActions.map((action) => rowOf(action, ', '));

const widest = (column: keyof HelpRow): number =>
  Math.max(column.length, ...helpRows.map((row) => displayWidth(row[column])));

/** Columns and lines of the table with its borders: one column of padding on both sides, a rule after every row. */
export const helpTableSize = {
  columns: widest('keys') + widest('where') + widest('does') + 3 * 2 + 4,
  rows: 2 * helpRows.length + 3,
};

/** Whether the table has room between header and footer. */
export const helpTableFits = ({ columns, rows }: Size): boolean =>
  columns >= helpTableSize.columns && rows - 2 >= helpTableSize.rows;

type Group = { title: string; rows: readonly HelpRow[] };

/** The headings of groups of keys, in their order. */
export const keyGroups: readonly (readonly [group: KeyGroup, title: string])[] = [
  ['move', 'Move'],
  ['panes', 'Panes'],
  ['accounts', 'Accounts'],
  ['requests', 'Requests'],
  ['program', 'All'],
];

/** What the help is asked for. */
export type HelpWish = {
  keys: Keymap;
  /** The pane whose keys come first. */
  pane: Pane;
  /** Only what has this in its keys, its words or its name; all of it for an empty text. */
  query: string;
};

const isMeant = (action: ScreenAction, query: string): boolean => {
  const { keys, does } = rowOf(action, ' ');
  // A capital is another key than its letter; of words nobody expects that.
  return keys.includes(query) || `${does} ${action.name}`.toLowerCase().includes(query.toLowerCase());
};

/** The keys by what they are for, those of the pane first; each stands in one group. None where nothing is meant. */
export const helpGroups = ({ keys, pane, query }: HelpWish): readonly Group[] => {
  const own = keyGroups.filter(([group]) => group === pane);
  const others = keyGroups.filter(([group]) => group !== pane);
  const groups = [...own, ...others].map(([group, title]) => ({
    title: group === pane ? `${title}, where you are` : title,
    rows: keys.actions
      .filter((action) => action.screen.group === group && isMeant(action, query))
      .map((action) => rowOf(action, ' ')),
  }));
  return groups.filter(({ rows }) => rows.length > 0);
};

const widestKeys = (groups: readonly Group[]): number =>
  Math.max(0, ...groups.flatMap(({ rows }) => rows.map(({ keys }) => displayWidth(keys))));

/** Below this many columns the text stands behind its keys where it has room, else under them. */
const sideBySide = 46;
/** From this many columns on there are two columns of keys. */
const twoColumns = 96;

type Widths = { columns: number; keys: number };

const entryLines = (theme: Theme, { keys, does }: HelpRow, widths: Widths): string[] => {
  const { columns } = widths;
  const beside = columns >= sideBySide;
  const blank = { text: '', width: beside ? widths.keys : 1 };
  const room = columns - blank.width - 2;
  const texts = wrap(theme.text(does), room).map((text) => ({ text, width: room }));
  const first = { text: keys, width: beside ? widths.keys : columns - 2, tone: 'strong' as const };
  if (beside) {
    return texts.map((text, index) => line(theme, [cell(''), index === 0 ? first : blank, text], columns));
  }
  const short = [cell(''), cell(keys, 'strong'), cell(theme.text(does))];
  if (cellsWidth(short) <= columns) return [line(theme, short, columns)];
  const below = texts.map((text) => line(theme, [cell(''), blank, text], columns));
  return [line(theme, [cell(''), first], columns), ...below];
};

const groupLines = (theme: Theme, { title, rows }: Group, widths: Widths): string[] => [
  line(theme, [{ text: ` ${title}`, width: widths.columns, tone: 'accent' }], widths.columns),
  ...rows.flatMap((row) => entryLines(theme, row, widths)),
];

/** Groups below each other, an empty line between two. */
const stacked = (theme: Theme, groups: readonly Group[], columns: number): string[] => {
  const widths = { columns, keys: widestKeys(groups) };
  return groups.flatMap((group, index) => [
    ...(index === 0 ? [] : [' '.repeat(columns)]),
    ...groupLines(theme, group, widths),
  ]);
};

/** All keys that are meant in groups, as many lines as they need: side by side in a wide terminal. */
export const helpLines = (theme: Theme, { columns }: Size, wish: HelpWish): string[] => {
  const groups = helpGroups(wish);
  if (groups.length === 0) {
    const none = `no key does ${sanitize(wish.query, 60)}`;
    return [line(theme, [cell(''), { text: none, width: columns - 1 }], columns)];
  }
  if (columns < twoColumns) return stacked(theme, groups, columns);
  const half = Math.floor((columns - 1) / 2);
  const sides = groups.map((_, at) => [
    stacked(theme, groups.slice(0, at + 1), half),
    stacked(theme, groups.slice(at + 1), half),
  ]);
  const longer = (side: readonly string[][]): number => Math.max(...side.map((lines) => lines.length));
  const [left = [], right = []] = sides.toSorted((a, b) => longer(a) - longer(b))[0] ?? [];
  return Array.from(
    { length: longer([left, right]) },
    (_, index) => `${left[index] ?? ' '.repeat(half)} ${right[index] ?? ''}`,
  );
};

/** How many lines the help has, and how many of them stand between header and footer. */
export const helpPlace = (theme: Theme, size: Size, wish: HelpWish): { lines: number; height: number } => ({
  lines: helpLines(theme, size, wish).length,
  height: Math.max(0, size.rows - 2),
});
