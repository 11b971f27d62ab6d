import { displayWidth } from '../../shared/display-width.ts';
import { screenActions, shownKey } from '../keymap.ts';
import type { Layout } from '../layout.ts';
import { cell, line } from '../line.ts';
import type { Theme } from '../theme.ts';

// A type, not an interface: ink-table asks for an index signature.
export type HelpRow = { keys: string; where: string; does: string };

/** Every key of the screen, in the order of the action table. */
export const helpRows: readonly HelpRow[] = screenActions.map(({ screen, help }) => ({
  keys: screen.keys.map(shownKey).join(', '),
  where: screen.where === 'all' ? '' : screen.where,
  does: help,
}));

const widest = (column: keyof HelpRow): number =>
  Math.max(column.length, ...helpRows.map((row) => displayWidth(row[column])));

/** Columns and lines of the table with its borders: one column of padding on both sides, a rule after every row. */
export const helpTableSize = {
  columns: widest('keys') + widest('where') + widest('does') + 3 * 2 + 4,
  rows: 2 * helpRows.length + 3,
};

/** Whether the table has room between header and footer. */
export const helpTableFits = ({ columns, rows }: Layout): boolean =>
  columns >= helpTableSize.columns && rows - 2 >= helpTableSize.rows;

/** The same without borders, for terminals in which the table has no room; the last ones are cut. */
export const helpLines = (theme: Theme, { columns, rows }: Layout): string[] =>
  helpRows
    .slice(0, rows - 2)
    .map(({ keys, does }) =>
      line(theme, [cell(''), { text: keys, width: widest('keys'), tone: 'strong' }, cell(does)], columns),
    );
