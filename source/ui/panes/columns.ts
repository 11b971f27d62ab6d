/** A column of a list: what it needs, and when it goes. */
export type Column<Id extends string> = {
  id: Id;
  /** Columns with a higher number go first when the terminal gets narrower; 0 always stays. */
  rank: number;
  /** Fewer cells than this are of no use. */
  min: number;
  /** Blank cells before it. Default 1. */
  gap?: number;
};

/** A column that can use more cells than it needs, and how many in all. */
export type Growth<Id extends string> = { id: Id; to: number };

export type Fitted<Id extends string> = { id: Id; width: number; gap: number };

/**
 * The columns that fit into `width`, in the order given. Which ones are there only depends on their ranks: the first
 * that does not fit and all of higher ranks are left out, so that a wider terminal never shows fewer. What is left over
 * goes to those that grow, first come first served.
 */
export const fitColumns = <Id extends string>(
  columns: readonly Column<Id>[],
  growths: readonly Growth<Id>[],
  width: number,
): Fitted<Id>[] => {
  const widths = new Map<Id, number>();
  let left = width;
  for (const { id, rank, min, gap = 1 } of columns.toSorted((a, b) => a.rank - b.rank)) {
    if (rank > 0 && left < min + gap) break;
    widths.set(id, min);
    left -= min + gap;
  }
  for (const { id, to } of growths) {
    const now = widths.get(id);
    if (now === undefined) continue;
    const more = Math.max(0, Math.min(left, to - now));
    widths.set(id, now + more);
    left -= more;
  }
  return columns.flatMap(({ id, gap = 1 }) => {
    const cells = widths.get(id);
    return cells === undefined ? [] : [{ id, gap, width: cells }];
  });
};

/** Cells that the columns take side by side. */
export const fittedWidth = (columns: readonly Fitted<string>[]): number =>
  columns.reduce((sum, { width, gap }) => sum + gap + width, 0);
