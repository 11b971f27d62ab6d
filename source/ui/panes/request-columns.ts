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
  | 'note';

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

const tiny: readonly Column<RequestColumn>[] = [
  { id: 'account', rank: 0, min: 2 + 7, gap: 0 },
  { id: 'status', rank: 0, min: 11 },
  { id: 'total', rank: 0, min: 7 },
];

/**
 * The columns of a list of requests in so many cells. `longestName` is the width of the longest account name: that column
 * only is as wide as it has to be.
 */
export const requestColumns = (
  kind: LayoutKind,
  columns: number,
  longestName: number,
): Fitted<RequestColumn>[] => {
  const tabled = kind === 'wide' || kind === 'narrow';
  const growths: Growth<RequestColumn>[] = [
    {
      id: 'account',
      to: Math.min(longestName, columns < 110 ? 10 : columns < 140 ? 14 : 20) + (tabled ? 0 : 2),
    },
    // `streaming 12 kB`
    { id: 'note', to: 15 },
    { id: 'status', to: 14 },
    { id: 'model', to: 14 },
    { id: 'note', to: 40 },
    { id: 'model', to: 18 },
    { id: 'note', to: Infinity },
  ];
  return fitColumns(tabled ? table : tiny, growths, columns);
};
