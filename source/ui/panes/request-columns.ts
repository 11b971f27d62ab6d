import type { LayoutKind } from '../layout.ts';
import { fitColumns, type Column, type Fitted, type Growth } from './columns.ts';

export type RequestColumn =
  | 'time'
  | 'account'
  | 'status'
  | 'model'
  | 'wait'
  | 'first'
  | 'total'
  | 'in'
  | 'out'
  | 'cache'
  | 'client'
  | 'project'
  | 'cost'
  | 'list'
  | 'note';

/**
 * What a person wants of the columns. `scrolled`: so many behind the first ones went out at the left; `wide`: all that
 * there are, as far as the edge, else those that fit.
 */
export type ColumnWish = { scrolled: number; wide: boolean };

export const fittingColumns: ColumnWish = { scrolled: 0, wide: false };

/**
 * The columns of the requests. Going from a wide to a narrow terminal they are dropped in this order: note, first, cache,
 * in, wait, model; the others stay. All of them fit from 90 columns on.
 */
const table: readonly Column<RequestColumn>[] = [
  // After the selection's mark and the tie of lines that belong together.
  { id: 'time', rank: 0, min: 2 + 8, gap: 0 },
  { id: 'account', rank: 0, min: 7 },
  // `503 refused`; `429 limited 5h` names the window too.
  { id: 'status', rank: 0, min: 11 },
  { id: 'model', rank: 1, min: 10 },
  { id: 'wait', rank: 2, min: 5 },
  { id: 'first', rank: 5, min: 5 },
  { id: 'total', rank: 0, min: 7 },
  { id: 'in', rank: 3, min: 5 },
  { id: 'out', rank: 0, min: 5 },
  { id: 'cache', rank: 4, min: 5 },
  { id: 'note', rank: 6, min: 9, gap: 2 },
];

/** Only in a wide list, before the note. What an API key was charged and the list value of a plan are no one column. */
const extra: readonly Column<RequestColumn>[] = [
  { id: 'client', rank: 1, min: 8, gap: 2 },
  { id: 'project', rank: 1, min: 8 },
  { id: 'cost', rank: 1, min: 7 },
  { id: 'list', rank: 1, min: 7 },
];

const tiny: readonly Column<RequestColumn>[] = [
  { id: 'account', rank: 0, min: 2 + 7, gap: 0 },
  { id: 'status', rank: 0, min: 11 },
  { id: 'total', rank: 0, min: 7 },
];

const isTabled = (kind: LayoutKind): boolean => kind === 'wide' || kind === 'narrow';

/** Those that always stay, and those behind them in the order in which they are scrolled. */
const partsOf = (
  kind: LayoutKind,
  wide: boolean,
): { fixed: readonly Column<RequestColumn>[]; behind: readonly Column<RequestColumn>[] } => {
  const [time, account, status, ...rest] = table;
  const fixed = isTabled(kind) ? [time, account, status] : tiny.slice(0, 2);
  const behind = wide ? [...rest.slice(0, -1), ...extra, ...rest.slice(-1)] : rest;
  return { fixed: fixed.flatMap((column) => column ?? []), behind };
};

/** How far the columns can be scrolled: the last of them is always there. */
export const lastScroll = (kind: LayoutKind, wide: boolean): number => partsOf(kind, wide).behind.length - 1;

/**
 * How many columns are out of view: at the left because they were scrolled there, and for want of room. Of those nothing
 * else tells on a screen that is filled to its edge.
 */
export const hiddenColumns = (
  kind: LayoutKind,
  { scrolled, wide }: ColumnWish,
  shown: number,
): { left: number; more: number } => {
  const { fixed, behind } = partsOf(kind, wide);
  const left = Math.min(scrolled, behind.length - 1);
  return { left, more: fixed.length + behind.length - left - shown };
};

/** Once a person scrolls or wants all of them, columns go on to the edge from left to right; none is left out between. */
const wishedColumns = (
  kind: LayoutKind,
  { scrolled, wide }: ColumnWish,
): readonly Column<RequestColumn>[] => {
  if (scrolled === 0 && !wide) return isTabled(kind) ? table : tiny;
  const { fixed, behind } = partsOf(kind, wide);
  const shown = behind.slice(Math.min(scrolled, behind.length - 1));
  return [...fixed, ...shown.map((column, index) => ({ ...column, rank: index + 1 }))];
};

/**
 * The columns of a list of requests in so many cells. `longestName` is the width of the longest account name: that column
 * only is as wide as it has to be.
 */
export const requestColumns = (
  kind: LayoutKind,
  columns: number,
  longestName: number,
  wish: ColumnWish = fittingColumns,
): Fitted<RequestColumn>[] => {
  const growths: Growth<RequestColumn>[] = [
    {
      id: 'account',
      to: Math.min(longestName, columns < 110 ? 10 : columns < 140 ? 14 : 20) + (isTabled(kind) ? 0 : 2),
    },
    // `streaming 12 kB`
    { id: 'note', to: 15 },
    { id: 'status', to: 14 },
    { id: 'model', to: 14 },
    { id: 'client', to: 12 },
    { id: 'project', to: 16 },
    { id: 'note', to: 40 },
    { id: 'model', to: 18 },
    { id: 'note', to: Infinity },
  ];
  return fitColumns(wishedColumns(kind, wish), growths, columns);
};
