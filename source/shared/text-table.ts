import { displayWidth, fitWidth } from './display-width.ts';
import { sanitize } from './sanitize.ts';

export type TextColumn = { title: string; align: 'left' | 'right' };

const gap = '  ';

const shrink = (widths: readonly number[], width: number): number[] => {
  const fitted = [...widths];
  let over = fitted.reduce((sum, each) => sum + each, gap.length * (fitted.length - 1)) - width;
  while (over > 0) {
    // The widest column gives way, the leftmost of equals: short columns (numbers, states) stay whole.
    const widest = fitted.indexOf(Math.max(...fitted));
    const columns = fitted[widest] ?? 1;
    if (columns <= 1) break;
    fitted[widest] = columns - 1;
    over -= 1;
  }
  return fitted;
};

const pad = (cell: string, width: number, align: TextColumn['align']): string => {
  const fitted = fitWidth(cell, width);
  const blank = ' '.repeat(Math.max(0, width - displayWidth(fitted)));
  return align === 'left' ? fitted + blank : blank + fitted;
};

/**
 * Rows under a line of titles, in aligned columns two spaces apart, for the output of a command. Cells are sanitised;
 * a missing one is blank. With `width` the widest columns are cut so that no line is longer (never below one column each).
 * No trailing spaces; only the titles when there are no rows.
 */
export const textTable = (
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string[] => {
  const lines = [columns.map(({ title }) => title), ...rows].map((cells) =>
    columns.map((_, index) => sanitize(cells[index] ?? '')),
  );
  const natural = columns.map((_, index) =>
    Math.max(...lines.map((cells) => displayWidth(cells[index] ?? ''))),
  );
  const widths = shrink(natural, width);
  return lines.map((cells) =>
    columns
      .map(({ align }, index) => pad(cells[index] ?? '', widths[index] ?? 0, align))
      .join(gap)
      .trimEnd(),
  );
};
