import type { RequestId } from '../shared/types.ts';
import { parseFilter, type Filter, type FilterProblem } from '../store/filter.ts';
import type { RequestRow, State } from '../store/state.ts';
import { byTime, requestSorts, sortItems, type Sort } from './sort-keys.ts';

// Which requests the list shows, and in which order: what a person filters, sorts and clears only changes the look at
// them. A request keeps its `seq` in all of it.

/** The requests as a list that is shown: live, or as they were when it was frozen. */
export type Rows = Pick<State, 'rows' | 'seen'>;

/** What a person wants to see; `on` = it decides now, else it is only kept for later. */
export type ListFilter = { text: string; wants: Filter; on: boolean };

/**
 * The requests that had ended when the list was cleared: they are not shown any more. By id, for another instance counts
 * its rows anew.
 */
export type Cleared = ReadonlySet<RequestId>;

export type ListWish = { filter: ListFilter | null; sort: Sort; cleared: Cleared | null };

export const wholeList: ListWish = { filter: null, sort: byTime, cleared: null };

/** How the shown list stands. */
export type ListOrder = {
  /** By time, the oldest first: so a place that is gone is found by its number. */
  bySeq: boolean;
  /** Where a list stands that nobody moves in: at the newest, else at the first of its order. */
  home: 'start' | 'end';
  /** In the order of time, one way or the other. */
  timed: boolean;
};

export const orderOf = ({ sort }: Pick<ListWish, 'sort'>): ListOrder => {
  const timed = sort.by === byTime.by;
  const bySeq = timed && !sort.reversed;
  return { bySeq, timed, home: bySeq ? 'end' : 'start' };
};

/** An expression as a filter that is on, null for an empty one; or what is wrong with it. */
export const listFilter = (
  text: string,
): { ok: true; filter: ListFilter | null } | { ok: false; problem: FilterProblem } => {
  const trimmed = text.trimEnd();
  const parsed = parseFilter(trimmed);
  if (!parsed.ok) return parsed;
  return { ok: true, filter: trimmed === '' ? null : { text: trimmed, wants: parsed.filter, on: true } };
};

/** The requests that the list is made of: those of the state, or the frozen ones. */
export const sourceRows = ({ frozen }: { frozen: Rows | null }, state: Rows): Rows => frozen ?? state;

/** What each filter said of each row; a row that changes is another one. */
const verdicts = new WeakMap<Filter, WeakMap<RequestRow, boolean>>();

const wantedBy = (filter: Filter): ((row: RequestRow) => boolean) => {
  const known = verdicts.get(filter) ?? new WeakMap<RequestRow, boolean>();
  verdicts.set(filter, known);
  return (row) => {
    const before = known.get(row);
    if (before !== undefined) return before;
    const wanted = filter(row.request);
    known.set(row, wanted);
    return wanted;
  };
};

/** What can still be cleared: what has ended and is not cleared yet, whatever a filter wants. */
export const clearable = ({ list }: { list: ListWish }, { rows }: Rows): RequestId[] =>
  uncleared(rows, list.cleared).flatMap(({ kind, request }) => (kind === 'finished' ? [request.id] : []));

const uncleared = (rows: readonly RequestRow[], cleared: Cleared | null): readonly RequestRow[] =>
  cleared === null ? rows : rows.filter(({ request }) => !cleared.has(request.id));

const listOf = (rows: readonly RequestRow[], { filter, sort, cleared }: ListWish): readonly RequestRow[] => {
  const kept = uncleared(rows, cleared);
  const wanted = filter?.on === true ? kept.filter(wantedBy(filter.wants)) : kept;
  const key = requestSorts.find(({ name }) => name === sort.by);
  if (key === undefined || orderOf({ sort }).bySeq) return wanted;
  return sortItems(wanted, key, sort.reversed);
};

/** The newest list of each array of rows: a frame asks for it several times. */
const made = new WeakMap<readonly RequestRow[], { wish: ListWish; rows: readonly RequestRow[] }>();

/**
 * The requests as the list shows them: frozen or live, without what was cleared and what the filter does not want, in
 * the order that is wanted. The very rows of the state where nothing is wanted.
 */
export const shownRows = ({ frozen, list }: { frozen: Rows | null; list: ListWish }, state: Rows): Rows => {
  const source = sourceRows({ frozen }, state);
  if (list.cleared === null && list.filter?.on !== true && orderOf(list).bySeq) return source;
  const before = made.get(source.rows);
  if (before?.wish === list) return { rows: before.rows, seen: source.seen };
  const rows = listOf(source.rows, list);
  made.set(source.rows, { wish: list, rows });
  return { rows, seen: source.seen };
};

/** How many requests the list has without its filter. */
export const unfilteredCount = (
  { frozen, list }: { frozen: Rows | null; list: ListWish },
  state: Rows,
): number => uncleared(sourceRows({ frozen }, state).rows, list.cleared).length;
