import { displayWidth } from '../../shared/display-width.ts';
import { wrap } from '../fit.ts';
import { screenActions, shownKey, type ScreenAction } from '../keymap.ts';
import type { Size } from '../layout.ts';
import { cell, line } from '../line.ts';
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

const titles = ['Move', 'Panes', 'Accounts', 'Requests', 'All'] as const;

const titleOf = ({ name, screen }: ScreenAction): (typeof titles)[number] => {
  if (name.startsWith('select.')) return 'Move';
  if (name.startsWith('pane.') || name.startsWith('log.')) return 'Panes';
  if (name.startsWith('account.') || name === 'undo') return 'Accounts';
  return screen.where === 'requests' ? 'Requests' : 'All';
};

/** The keys by what they are for; each stands in one group. */
export const helpGroups: readonly Group[] = titles.map((title) => ({
  title,
  rows: screenActions.filter((action) => titleOf(action) === title).map((action) => rowOf(action, ' ')),
}));

const widestKeys = (groups: readonly Group[]): number =>
  Math.max(0, ...groups.flatMap(({ rows }) => rows.map(({ keys }) => displayWidth(keys))));

/** Below this many columns the text stands under its keys. */
const sideBySide = 46;
/** From this many columns on there are two columns of keys. */
const twoColumns = 96;

type Widths = { columns: number; keys: number };

const entryLines = (theme: Theme, { keys, does }: HelpRow, widths: Widths): string[] => {
  const { columns } = widths;
  const beside = columns >= sideBySide;
  const blank = { text: '', width: beside ? widths.keys : 1 };
  const room = columns - blank.width - 3;
  const texts = wrap(theme.text(does), room).map((text) => ({ text, width: room }));
  const first = { text: keys, width: beside ? widths.keys : columns - 2, tone: 'strong' as const };
  if (beside) {
    return texts.map((text, index) => line(theme, [cell(''), index === 0 ? first : blank, text], columns));
  }
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

/** All keys in groups, as many lines as they need: side by side in a wide terminal. */
export const helpLines = (theme: Theme, { columns }: Size): string[] => {
  if (columns < twoColumns) return stacked(theme, helpGroups, columns);
  const half = Math.floor((columns - 1) / 2);
  const sides = helpGroups.map((_, at) => [
    stacked(theme, helpGroups.slice(0, at), half),
    stacked(theme, helpGroups.slice(at), half),
  ]);
  const longer = (side: readonly string[][]): number => Math.max(...side.map((lines) => lines.length));
  const [left = [], right = []] = sides.toSorted((a, b) => longer(a) - longer(b))[0] ?? [];
  return Array.from(
    { length: longer([left, right]) },
    (_, index) => `${left[index] ?? ' '.repeat(half)} ${right[index] ?? ''}`,
  );
};

/** How many lines the help has, and how many of them stand between header and footer. */
export const helpPlace = (theme: Theme, size: Size): { lines: number; height: number } => ({
  lines: helpLines(theme, size).length,
  height: Math.max(0, size.rows - 2),
});
