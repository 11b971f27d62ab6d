import { describe, expect, it } from 'vitest';
import type { State } from '../../../source/store/state.ts';
import { listFilter, shownRows } from '../../../source/ui/request-list.ts';
import { requestWindow } from '../../../source/ui/request-window.ts';
import { findError } from '../../../source/ui/steps/requests.ts';
import { firstView, stepView, type View } from '../../../source/ui/view.ts';
import { doneRow, emptyState, liveRow } from '../sample.ts';

const place = { accounts: 3, requests: 4 };
const focused: View = { ...firstView, pane: 'requests' };
const rows = (from: number, to: number, bad: readonly number[] = []) =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    doneRow(from + i, bad.includes(from + i) ? { outcome: 'error', status: 529 } : {}),
  );
const stateOf = (list: State['rows'], seen = list.at(-1)?.seq ?? 0): State => ({
  ...emptyState,
  rows: list,
  seen,
});
const press = (view: View, state: State, ...actions: string[]): View =>
  actions.reduce((now, action) => stepView(now, action, state, place), view);
const selected = (view: View, state: State): number | undefined => {
  const shown = shownRows(view, state);
  return shown.rows[requestWindow(view, shown.rows, 4).selected]?.seq;
};
const filtered = (view: View, text: string): View => {
  const found = listFilter(text);
  return { ...view, list: { ...view.list, filter: found.ok ? found.filter : null } };
};
const find = (view: View, state: State, by: 1 | -1): View => ({
  ...view,
  ...findError(view, state, place, by).change,
});

describe('findError', () => {
  const state = stateOf(rows(1, 30, [3, 9, 10, 28]));

  it('goes from error to error, both ways, and round from an end', () => {
    let view = find(focused, state, -1);
    expect(selected(view, state)).toBe(28);
    const found: (number | undefined)[] = [];
    for (const by of [-1, -1, -1, -1, 1, 1] as const) {
      view = find(view, state, by);
      found.push(selected(view, state));
    }
    expect(found).toEqual([10, 9, 3, 28, 3, 9]);
    expect(findError(view, state, place, 1)).toMatchObject({ errors: 4, wrapped: false });
    expect(findError(focused, state, place, 1)).toMatchObject({ errors: 4, wrapped: true });
  });

  it('says that there is none', () => {
    const calm = stateOf(rows(1, 5));
    expect(findError(focused, calm, place, 1)).toEqual({ errors: 0, wrapped: false, change: null });
    expect(findError(focused, emptyState, place, -1).errors).toBe(0);
  });

  it('finds those that the header counts: one that its client gave up is none', () => {
    const list = [doneRow(1, { outcome: 'truncated' }), doneRow(2, { outcome: 'aborted' }), liveRow(3)];
    expect(findError(focused, stateOf(list), place, -1)).toMatchObject({
      errors: 1,
      change: { request: { selected: 1 } },
    });
  });

  it('holds one that is the newest, so that no new request carries it away', () => {
    const view = find(focused, stateOf(rows(1, 5, [5])), 1);
    expect(selected(view, stateOf(rows(1, 60, [5])))).toBe(5);
  });

  it('looks in what is shown, in the order that is shown', () => {
    const some = filtered(focused, 'id:r2');
    expect(selected(find(some, state, -1), state)).toBe(28);
    const newest = press(focused, state, 'list.reverse');
    expect(selected(find(newest, state, 1), state)).toBe(28);
    expect(selected(find(find(newest, state, 1), state, 1), state)).toBe(10);
  });
});

describe('a filtered list', () => {
  const state = stateOf(rows(1, 40, [3, 9, 10, 28]));
  const errors = filtered(focused, 'is:error');

  it('follows the newest that matches and moves among those that do', () => {
    expect(selected(errors, state)).toBe(28);
    expect(selected(press(errors, state, 'select.previous', 'select.previous'), state)).toBe(9);
    expect(selected(press(errors, state, 'select.first'), state)).toBe(3);
    const more = stateOf(rows(1, 80, [3, 28, 77]));
    expect(selected(errors, more)).toBe(77);
  });

  it('keeps the request that was selected when it matches, and takes the next newer one when not', () => {
    const at = (count: number): View =>
      press(focused, state, ...Array<string>(count).fill('select.previous'));
    expect(selected(filtered(at(12), 'is:error'), state)).toBe(28);
    expect(selected(filtered(at(31), 'is:error'), state)).toBe(9);
    expect(selected(filtered(at(33), 'is:error'), state)).toBe(9);
  });

  it('can be frozen, keeps filtering what was there, and survives that all of it is evicted', () => {
    const frozen = press(errors, state, 'requests.freeze', 'select.previous');
    const later = stateOf(rows(5000, 5999, [5500]));
    expect(shownRows(frozen, later).rows.map(({ seq }) => seq)).toEqual([3, 9, 10, 28]);
    expect(selected(frozen, later)).toBe(10);
    const off = press(frozen, later, 'requests.filter-toggle');
    expect(shownRows(off, later).rows).toHaveLength(40);
    expect(selected(off, later)).toBe(10);
    const on = press(off, later, 'requests.filter-toggle');
    expect(shownRows(on, later).rows).toHaveLength(4);
    expect(press(on, later, 'requests.freeze').frozen).toBeNull();
  });

  it('stands still by its number while matching requests arrive and others are evicted', () => {
    const held = press(errors, state, 'select.previous');
    for (const from of [1, 5, 10]) {
      const now = stateOf(rows(from, 1000, [3, 9, 10, 28, 500, 900]));
      expect(selected(held, now)).toBe(10);
    }
    expect(selected(held, stateOf(rows(11, 1010, [28, 500])))).toBe(28);
  });

  it('is turned off and on without a word, and nothing happens while there is none', () => {
    const off = press(errors, state, 'requests.filter-toggle');
    expect(off.list.filter).toMatchObject({ text: 'is:error', on: false });
    expect(press(off, state, 'requests.filter-toggle').list.filter).toEqual(errors.list.filter);
    expect(press(focused, state, 'requests.filter-toggle')).toBe(focused);
  });
});

describe('a sorted list', () => {
  const state = stateOf([30, 10, 20, 50, 40].map((ms, i) => doneRow(i + 1, { totalMs: ms as never })));
  const slowest = press(focused, state, 'list.sort');
  const order = (view: View): number[] => shownRows(view, state).rows.map(({ seq }) => seq);

  it('goes to the next order, the other way round, and back to the newest last', () => {
    expect(order(slowest)).toEqual([4, 5, 1, 3, 2]);
    expect(order(press(slowest, state, 'list.reverse'))).toEqual([2, 3, 1, 5, 4]);
    expect(order(press(focused, state, 'list.reverse'))).toEqual([5, 4, 3, 2, 1]);
    const round = press(slowest, state, ...Array<string>(8).fill('list.sort'));
    expect(order(round)).toEqual([1, 2, 3, 4, 5]);
  });

  it('stands at its first until the selection moves, then on that request wherever it goes', () => {
    expect(selected(slowest, state)).toBe(4);
    expect(press(slowest, state, 'select.previous')).toBe(slowest);
    const moved = press(slowest, state, 'select.next');
    expect(selected(moved, state)).toBe(5);
    const more = stateOf([...state.rows, doneRow(6, { totalMs: 45 as never })]);
    expect(selected(moved, more)).toBe(5);
    expect(selected(slowest, stateOf([...more.rows, doneRow(7, { totalMs: 99 as never })]))).toBe(7);
    expect(press(moved, state, 'select.previous').request).toBeNull();
  });

  it('shows the first of the new order, whichever request was selected', () => {
    const moved = press(focused, state, 'select.previous', 'select.previous', 'list.sort');
    expect(selected(moved, state)).toBe(4);
    const down = press(moved, state, 'select.next', 'select.next', 'list.reverse');
    expect(selected(down, state)).toBe(2);
  });

  it('follows with the newest first too, and g goes on from a frozen one', () => {
    const newest = press(focused, state, 'list.reverse');
    const more = stateOf([...state.rows, doneRow(6)]);
    expect(selected(newest, more)).toBe(6);
    const frozen = press(newest, state, 'requests.freeze', 'select.next');
    expect(selected(frozen, more)).toBe(4);
    expect(press(frozen, more, 'select.last').frozen).not.toBeNull();
    expect(press(frozen, more, 'select.first')).toEqual(newest);
  });

  it('holds and goes on with the key for following', () => {
    const held = press(slowest, state, 'requests.follow');
    const more = stateOf([...state.rows, doneRow(7, { totalMs: 99 as never })]);
    expect(selected(held, more)).toBe(4);
    expect(press(held, more, 'requests.follow').request).toBeNull();
  });
});

describe('clearing and columns', () => {
  it('takes away all that has ended and goes on with what comes', () => {
    const state = stateOf([...rows(1, 9), liveRow(10), doneRow(11)]);
    const frozen = press(focused, state, 'requests.freeze', 'select.previous');
    const cleared = press(frozen, state, 'requests.clear');
    expect(cleared).toMatchObject({ frozen: null, request: null });
    const after = stateOf([...rows(1, 12)]);
    expect(shownRows(cleared, after).rows.map(({ seq }) => seq)).toEqual([10, 12]);
  });

  it('scrolls the columns no further than there are any, and keeps that while the list is frozen', () => {
    const state = stateOf(rows(1, 9));
    expect(press(focused, state, 'requests.columns-left')).toBe(focused);
    const right = press(focused, state, ...Array<string>(30).fill('requests.columns-right'));
    expect(right.columns).toEqual({ scrolled: 7, wide: false });
    expect(press(right, state, 'requests.freeze', 'requests.columns-left').columns.scrolled).toBe(6);
    const wide = press(right, state, 'requests.wide');
    expect(wide.columns).toEqual({ scrolled: 0, wide: true });
    const end = press(wide, state, ...Array<string>(30).fill('requests.columns-right'));
    expect(end.columns.scrolled).toBe(11);
    expect(press(end, state, 'requests.wide').columns).toEqual({ scrolled: 0, wide: false });
  });
});
