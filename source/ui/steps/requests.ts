import type { EpochMs } from '../../shared/types.ts';
import { endedBadly } from '../../store/selectors.ts';
import type { LayoutKind } from '../layout.ts';
import { clamp, type Move } from '../moves.ts';
import { lastScroll, type ColumnWish } from '../panes/request-columns.ts';
import { clearable, orderOf, shownRows, type ListWish, type Rows } from '../request-list.ts';
import { placeAt, requestWindow, selectRequest, type RequestPlace } from '../request-window.ts';

/** What of the view belongs to the list of requests. */
export type RequestsView = {
  request: RequestPlace | null;
  frozen: (Rows & { at?: EpochMs }) | null;
  list: ListWish;
  columns: ColumnWish;
};

/** How many lines the list has, and what time it is. */
export type RequestsPlace = { requests: number; now?: EpochMs; kind?: LayoutKind };

/** What becomes of that part of the view; null = it stays as it is. */
export type RequestsStep = (
  view: RequestsView,
  state: Rows,
  place: RequestsPlace,
) => Partial<RequestsView> | null;

/** Goes back to the newest request. */
export const follow: RequestsStep = () => ({ request: null, frozen: null });

/** Moves the selection. At the list's home it stays there, and new requests go on to move it. */
export const moveRequest =
  (move: Move): RequestsStep =>
  (view, state, { requests: height }) => {
    const { rows } = shownRows(view, state);
    const { selected, following, count } = requestWindow(view, rows, height);
    const to = move(selected, count, rows.length - 1);
    const onward = orderOf(view.list).home === 'end' ? to >= selected : to <= selected;
    if (rows.length === 0 || (following && onward)) return null;
    return { request: selectRequest(view, rows, height, to) };
  };

const freeze: RequestsStep = (view, state, { now, requests }) => {
  if (view.frozen !== null) return follow(view, state, { requests });
  const { rows, seen } = state;
  return { frozen: { rows, seen, ...(now === undefined ? {} : { at: now }) } };
};

const toggleFollow: RequestsStep = (view, state, place) => {
  if (view.frozen !== null || view.request !== null) return follow(view, state, place);
  const { rows } = shownRows(view, state);
  const { start, hidden, selected } = requestWindow(view, rows, place.requests);
  const [top, row] = [rows[start], rows[selected]];
  if (top === undefined || row === undefined) return null;
  const index = orderOf(view.list).bySeq ? {} : { index: selected };
  return { request: { selected: row.seq, top: top.seq, hidden, ...index } };
};

const withList =
  (change: (list: ListWish) => Partial<ListWish> | null): RequestsStep =>
  (view) => {
    const changed = change(view.list);
    return changed === null ? null : { list: { ...view.list, ...changed } };
  };

/** Everything that is there now goes out of view, but for what still runs. */
const clear: RequestsStep = (view, state) => {
  const all = clearable({ list: { ...view.list, cleared: null } }, state);
  return { request: null, frozen: null, list: { ...view.list, cleared: new Set(all) } };
};

const scrollColumns =
  (by: 1 | -1): RequestsStep =>
  ({ columns }, _, { kind = 'wide' }) => {
    const last = lastScroll(kind, columns.wide);
    const scrolled = clamp(Math.min(columns.scrolled, last) + by, last);
    return scrolled === columns.scrolled ? null : { columns: { ...columns, scrolled } };
  };

/** What each action does to the list of requests, apart from moving in it. */
export const requestSteps: Readonly<Record<string, RequestsStep>> = {
  'requests.freeze': freeze,
  'requests.follow': toggleFollow,
  'requests.filter-toggle': withList(({ filter }) =>
    filter === null ? null : { filter: { ...filter, on: !filter.on } },
  ),
  'requests.clear': clear,
  'requests.columns-left': scrollColumns(-1),
  'requests.columns-right': scrollColumns(1),
  'requests.wide': ({ columns }) => ({ columns: { scrolled: 0, wide: !columns.wide } }),
};

/** Where the search for an error led: how many there are in the list, and whether it went on from the other end. */
export type ErrorSearch = { errors: number; wrapped: boolean; change: Partial<RequestsView> | null };

/** Selects the next request that failed, as the header counts them, below (1) or above (-1) the selected request; from an end the search goes on at the other one. */
export const findError = (
  view: RequestsView,
  state: Rows,
  { requests: height }: RequestsPlace,
  by: 1 | -1,
): ErrorSearch => {
  const { rows } = shownRows(view, state);
  const found = rows.flatMap((row, index) => (endedBadly(row) ? [index] : []));
  const { selected } = requestWindow(view, rows, height);
  const ahead =
    by === 1 ? found.find((index) => index > selected) : found.findLast((index) => index < selected);
  const to = ahead ?? (by === 1 ? found[0] : found.at(-1));
  if (to === undefined) return { errors: 0, wrapped: false, change: null };
  // One that is the newest is held too: who looks for errors does not want it carried away.
  const change = { request: placeAt(view, rows, height, to) };
  return { errors: found.length, wrapped: ahead === undefined, change };
};
