import type { Attempt } from '../shared/types.ts';
import { indexOfSeq } from '../store/selectors.ts';
import type { RequestRow, State } from '../store/state.ts';

// The requests in view. One request is a block of lines: one for each account that did not serve it, then its own.
// The selection goes from block to block, the edges of the pane cut lines.

/** The requests as a list that is shown: live, or as they were when it was frozen. */
export type Rows = Pick<State, 'rows' | 'seen'>;

/** The selected request and the topmost visible one, by `seq`; `hidden` lines of that one are above the edge. */
export type RequestPlace = { selected: number; top: number; hidden?: number };

/** What decides which requests are in view. */
export type RequestView = { request: RequestPlace | null; frozen: Rows | null };

/** The requests that the pane shows: those of the state, or the frozen ones. */
export const shownRows = ({ frozen }: Pick<RequestView, 'frozen'>, state: Rows): Rows => frozen ?? state;

/**
 * The attempts that have a line of their own, oldest first. The one with the account that the request has now is what
 * its own line tells, while it runs as when it has ended.
 */
export const passedOver = ({ kind, request }: RequestRow): readonly Attempt[] => {
  const attempts = kind === 'live' ? request.failures : request.attempts;
  return attempts.at(-1)?.account === request.account ? attempts.slice(0, -1) : attempts;
};

/** How many lines a request takes. */
export const blockHeight = (row: RequestRow | undefined): number =>
  row === undefined ? 0 : passedOver(row).length + 1;

/** Where the pane begins: `hidden` lines of the block at `start` are above its edge. */
type Edge = { start: number; hidden: number };

export type RequestWindow = Edge & {
  /** How many requests are in view, the last one perhaps in part. */
  count: number;
  /** Index of the selected row; -1 when there is none. */
  selected: number;
  following: boolean;
  /** Rows newer than the selected one. */
  below: number;
};

/** The edge at which the block at `last` ends the pane. */
const endingWith = (rows: readonly RequestRow[], last: number, height: number): Edge => {
  let start = last + 1;
  let lines = 0;
  while (start > 0 && lines < height) {
    start -= 1;
    lines += blockHeight(rows[start]);
  }
  return { start, hidden: Math.max(0, lines - height) };
};

const countFrom = (rows: readonly RequestRow[], { start, hidden }: Edge, height: number): number => {
  let count = 0;
  for (let lines = -hidden; lines < height && start + count < rows.length; count += 1) {
    lines += blockHeight(rows[start + count]);
  }
  return count;
};

const isBefore = (a: Edge, b: Edge): boolean =>
  a.start < b.start || (a.start === b.start && a.hidden < b.hidden);

/** `edge` moved as little as possible so that the selected block is in view and no line at the end stays empty. */
const scrolled = (rows: readonly RequestRow[], selected: number, edge: Edge, height: number): Edge => {
  const lowest = endingWith(rows, selected, height);
  // Of a block that is taller than the pane the end is shown: it says how the request stands.
  const highest = lowest.start === selected ? lowest : { start: selected, hidden: 0 };
  const kept = isBefore(edge, lowest) ? lowest : isBefore(highest, edge) ? highest : edge;
  const last = endingWith(rows, rows.length - 1, height);
  return isBefore(last, kept) ? last : kept;
};

/** Which requests are in view. New rows move it only while it follows; evicted ones only when they were in view. */
export const requestWindow = (
  { request }: Pick<RequestView, 'request'>,
  rows: readonly RequestRow[],
  height: number,
): RequestWindow => {
  const last = rows.length - 1;
  if (request === null || rows.length === 0) {
    const edge = endingWith(rows, last, height);
    const count = last + 1 - edge.start;
    return { ...edge, count, selected: last, following: true, below: 0 };
  }
  const selected = indexOfSeq(rows, request.selected);
  const start = indexOfSeq(rows, request.top);
  // Of another block than the one that was there, all lines are shown; one that got shorter keeps its last.
  const top = rows[start];
  const hidden = top?.seq === request.top ? Math.min(request.hidden ?? 0, blockHeight(top) - 1) : 0;
  const edge = scrolled(rows, selected, { start, hidden }, height);
  const count = countFrom(rows, edge, height);
  return { ...edge, count, selected, following: false, below: last - selected };
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
  const { start, hidden } = scrolled(rows, to, requestWindow(view, rows, height), height);
  const place = { selected: rows[to]?.seq ?? 0, top: rows[start]?.seq ?? 0 };
  return hidden === 0 ? place : { ...place, hidden };
};
