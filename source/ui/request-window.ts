import type { RequestRow, State } from '../store/state.ts';
import { scrollTo } from './layout.ts';

/** The requests as a list that is shown: live, or as they were when it was frozen. */
export type Rows = Pick<State, 'rows' | 'seen'>;

/** The selected request and the topmost visible one, by `seq`. */
export type RequestPlace = { selected: number; top: number };

/** What decides which requests are in view. */
export type RequestView = { request: RequestPlace | null; frozen: Rows | null };

/** The requests that the pane shows: those of the state, or the frozen ones. */
export const shownRows = ({ frozen }: Pick<RequestView, 'frozen'>, state: Rows): Rows => frozen ?? state;

/** Index of the row with that `seq`, or of the next newer one when it was evicted; the last index at most. */
const rowIndex = (rows: readonly RequestRow[], seq: number): number => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, rows.length - 1);
};

export type RequestWindow = {
  /** Index of the first visible row. */
  start: number;
  /** Index of the selected row; -1 when there is none. */
  selected: number;
  following: boolean;
  /** Rows newer than the selected one. */
  below: number;
};

/** Which requests are in view. New rows move it only while it follows; evicted ones only when they were in view. */
export const requestWindow = (
  { request }: Pick<RequestView, 'request'>,
  rows: readonly RequestRow[],
  height: number,
): RequestWindow => {
  const last = rows.length - 1;
  if (request === null || rows.length === 0) {
    return { start: Math.max(0, rows.length - height), selected: last, following: true, below: 0 };
  }
  const selected = rowIndex(rows, request.selected);
  const start = scrollTo(selected, rowIndex(rows, request.top), height, rows.length);
  return { start, selected, following: false, below: last - selected };
};

/**
 * The place after selecting the row at `index`, scrolled no further than needed. null, which follows the newest, when
 * that is the last row or there is none.
 */
export const selectRequest = (
  view: Pick<RequestView, 'request'>,
  rows: readonly RequestRow[],
  height: number,
  index: number,
): RequestPlace | null => {
  const to = Math.max(0, index);
  if (to >= rows.length - 1) return null;
  const top = scrollTo(to, requestWindow(view, rows, height).start, height, rows.length);
  return { selected: rows[to]?.seq ?? 0, top: rows[top]?.seq ?? 0 };
};
