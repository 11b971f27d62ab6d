import type { Attempt } from '../shared/types.ts';
import { indexOfSeq } from '../store/selectors.ts';
import type { RequestRow } from '../store/state.ts';
import { clamp } from './moves.ts';
import { orderOf, shownRows, type ListOrder, type ListWish, type Rows } from './request-list.ts';

// The requests in view. One request is a block of lines: one for each account that did not serve it, then its own.
// The selection goes from block to block, the edges of the pane cut lines.

/**
 * The selected request and the topmost visible one, by `seq`; `hidden` lines of that one are above the edge. `index` is
 * where the selected one stood in a list that is not in the order of `seq`, for when it goes away.
 */
export type RequestPlace = { selected: number; top: number; hidden?: number; index?: number };

/** What decides which requests are in view. */
export type RequestView = { request: RequestPlace | null; frozen: Rows | null; list: ListWish };

/**
 * The attempts that have a line of their own, oldest first. The one with the account that the request has now is what
 * its own line tells, while it runs as when it has ended.
 */
export const passedOver = ({ kind, request }: RequestRow): readonly Attempt[] => {
  const attempts = kind === 'live' ? request.failures : request.attempts;
  return attempts.at(-1)?.account === request.account ? attempts.slice(0, -1) : attempts;
};

/** The request that the mark of the selection stands at, as it is now; undefined when there is none, or it is gone. */
export const selectedRequest = (view: RequestView, state: Rows): RequestRow | undefined => {
  const { rows } = shownRows(view, state);
  const seq = rows[requestWindow(view, rows, 1).selected]?.seq;
  return seq === undefined ? undefined : state.rows.find((row) => row.seq === seq);
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
  /** Rows newer than the selected one, where the list is in the order of time; else 0. */
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

type Placed = Pick<RequestView, 'request' | 'list'>;

/** Where a row stands; of one that is gone, where the next newer one does, or what is in its place now. */
const indexOf = (
  rows: readonly RequestRow[],
  seq: number,
  { bySeq }: ListOrder,
  index: number | undefined,
): number => {
  if (bySeq) return indexOfSeq(rows, seq);
  const found = rows.findIndex((row) => row.seq === seq);
  return found === -1 ? clamp(index ?? 0, rows.length - 1) : found;
};

/** The list at its home: nobody has moved in it. */
const homeWindow = (rows: readonly RequestRow[], { home }: ListOrder, height: number): RequestWindow => {
  const last = rows.length - 1;
  const edge = home === 'end' ? endingWith(rows, last, height) : { start: 0, hidden: 0 };
  const selected = home === 'end' ? last : Math.min(0, last);
  return { ...edge, count: countFrom(rows, edge, height), selected, following: true, below: 0 };
};

/** Which requests are in view. New rows move it only while it follows; evicted ones only when they were in view. */
export const requestWindow = (
  { request, list }: Placed,
  rows: readonly RequestRow[],
  height: number,
): RequestWindow => {
  const order = orderOf(list);
  if (request === null || rows.length === 0) return homeWindow(rows, order, height);
  const last = rows.length - 1;
  const selected = indexOf(rows, request.selected, order, request.index);
  const start = indexOf(rows, request.top, order, selected);
  // Of another block than the one that was there, all lines are shown; one that got shorter keeps its last.
  const top = rows[start];
  const hidden = top?.seq === request.top ? Math.min(request.hidden ?? 0, blockHeight(top) - 1) : 0;
  const edge = scrolled(rows, selected, { start, hidden }, height);
  const count = countFrom(rows, edge, height);
  const newer = order.home === 'end' ? last - selected : selected;
  return { ...edge, count, selected, following: false, below: order.timed ? newer : 0 };
};

/** The place with the row at `index` selected, scrolled no further than needed; null where there is no row. */
export const placeAt = (
  view: Placed,
  rows: readonly RequestRow[],
  height: number,
  index: number,
): RequestPlace | null => {
  const to = clamp(index, rows.length - 1);
  const { start, hidden } = scrolled(rows, to, requestWindow(view, rows, height), height);
  const [selected, top] = [rows[to], rows[start]];
  if (selected === undefined || top === undefined) return null;
  return {
    selected: selected.seq,
    top: top.seq,
    ...(hidden === 0 ? {} : { hidden }),
    ...(orderOf(view.list).bySeq ? {} : { index: to }),
  };
};

/**
 * The place after selecting the row at `index`, scrolled no further than needed. null, which stays at the list's home
 * (the newest one), when it is the row there or there is none.
 */
export const selectRequest = (
  view: Placed,
  rows: readonly RequestRow[],
  height: number,
  index: number,
): RequestPlace | null => {
  const to = clamp(index, rows.length - 1);
  const atHome = orderOf(view.list).home === 'end' ? to >= rows.length - 1 : to === 0;
  return atHome ? null : placeAt(view, rows, height, to);
};
