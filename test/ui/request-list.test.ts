import { describe, expect, it } from 'vitest';
import type { RequestId } from '../../source/shared/types.ts';
import type { RequestRow } from '../../source/store/state.ts';
import {
  clearable,
  listFilter,
  orderOf,
  shownRows,
  sourceRows,
  unfilteredCount,
  wholeList,
  type ListWish,
} from '../../source/ui/request-list.ts';
import { firstView } from '../../source/ui/view.ts';
import { busyState, doneRow, emptyState, liveRow } from './sample.ts';

const live = { ...emptyState, rows: [1, 2, 3].map((seq) => doneRow(seq)), seen: 3 };
const filterOf = (text: string) => {
  const found = listFilter(text);
  if (!found.ok) throw new Error(found.problem.message);
  return found.filter;
};
const seqs = (list: Partial<ListWish>, state = busyState): number[] =>
  shownRows({ frozen: null, list: { ...wholeList, ...list } }, state).rows.map(({ seq }) => seq);

describe('shownRows', () => {
  it('is the live list until it is frozen', () => {
    const frozen = { rows: [doneRow(1)], seen: 1 };
    expect(shownRows(firstView, live).rows).toBe(live.rows);
    expect(shownRows({ ...firstView, frozen }, live)).toBe(frozen);
    expect(sourceRows({ frozen }, live)).toBe(frozen);
  });

  it('has only what the filter wants, those under way too, and all of it while the filter is off', () => {
    const filter = filterOf('is:error');
    expect(seqs({ filter })).toEqual([4, 5, 6]);
    expect(seqs({ filter: filterOf('is:live account:home') })).toEqual([8]);
    expect(seqs({ filter: filterOf('status>=500 | is:retry') })).toEqual([3, 4, 6]);
    expect(seqs({ filter: { ...filter!, on: false } })).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('filters and sorts a frozen list as it does a live one', () => {
    const frozen = { rows: busyState.rows, seen: 8 };
    const list = { ...wholeList, filter: filterOf('is:error'), sort: { by: 'time', reversed: true } };
    const after = { ...emptyState, rows: [doneRow(99, { outcome: 'error' })], seen: 99 };
    const shown = shownRows({ frozen, list }, after);
    expect(shown.rows.map(({ seq }) => seq)).toEqual([6, 5, 4]);
    expect(shown.seen).toBe(8);
  });

  it('looks again at a request that went on, and only at those', () => {
    let asked = 0;
    const wants = ({ outcome }: { outcome?: string }): boolean => {
      asked += 1;
      return outcome === 'error';
    };
    const list = { ...wholeList, filter: { text: 'x', wants, on: true } };
    const rows: RequestRow[] = Array.from({ length: 1000 }, (_, i) => doneRow(i + 1));
    rows[999] = liveRow(1000);
    expect(shownRows({ frozen: null, list }, { rows, seen: 1000 }).rows).toEqual([]);
    expect(asked).toBe(1000);
    const ended = rows.with(999, doneRow(1000, { outcome: 'error' }));
    const shown = shownRows({ frozen: null, list }, { rows: ended, seen: 1000 });
    expect(shown.rows).toHaveLength(1);
    expect(asked).toBe(1001);
    // Asked for several times in one frame, it is the same list.
    expect(shownRows({ frozen: null, list }, { rows: ended, seen: 1000 }).rows).toBe(shown.rows);
  });

  it('leaves out what was cleared, but for what ran then, also once that has ended', () => {
    const cleared = new Set(clearable({ list: wholeList }, busyState));
    expect(seqs({ cleared })).toEqual([7, 8]);
    expect(clearable({ list: { ...wholeList, cleared } }, busyState)).toEqual([]);
    const rows = [...busyState.rows.slice(0, 6), doneRow(7), doneRow(8), doneRow(9)];
    expect(seqs({ cleared }, { ...busyState, rows })).toEqual([7, 8, 9]);
    expect(unfilteredCount({ frozen: null, list: { ...wholeList, cleared } }, { rows, seen: 9 })).toBe(3);
    // An instance that was started anew counts from 1 again.
    const anew = [doneRow(1, { id: 'other' as RequestId })];
    expect(seqs({ cleared }, { ...busyState, rows: anew, seen: 1 })).toEqual([1]);
  });
});

describe('listFilter', () => {
  it('is none for nothing, and tells where an expression is wrong', () => {
    expect(listFilter('  ')).toEqual({ ok: true, filter: null });
    expect(listFilter('status>=400 ')).toMatchObject({ ok: true, filter: { text: 'status>=400', on: true } });
    expect(listFilter('account:work status>=x')).toMatchObject({ ok: false, problem: { column: 22 } });
  });
});

describe('orderOf', () => {
  it('stands at the newest, wherever that is, and at the first of any other order', () => {
    const by = (name: string, reversed = false) => orderOf({ sort: { by: name, reversed } });
    expect(by('time')).toEqual({ bySeq: true, timed: true, home: 'end' });
    expect(by('time', true)).toEqual({ bySeq: false, timed: true, home: 'start' });
    expect(by('total')).toEqual({ bySeq: false, timed: false, home: 'start' });
  });
});
