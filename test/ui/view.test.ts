import { describe, expect, it } from 'vitest';
import { requestWindow } from '../../source/ui/request-window.ts';
import { accountIndex, firstView, stepView, type View } from '../../source/ui/view.ts';
import type { State } from '../../source/store/state.ts';
import { accountOf, doneRow, emptyState } from './sample.ts';

const heights = { accounts: 3, requests: 4 };
const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => doneRow(from + i));
const names = ['a', 'b', 'c', 'd', 'e'];
const state: State = { ...emptyState, accounts: names.map((name) => accountOf(name)), rows: rows(1, 10) };
const press = (view: View, now: State, ...names: string[]): View =>
  names.reduce((current, name) => stepView(current, name, now, heights), view);
const down = 'select.next';
const up = 'select.previous';

describe('accounts', () => {
  it('starts on the first one and stops at both ends', () => {
    expect(accountIndex(firstView, state)).toBe(0);
    expect(accountIndex(press(firstView, state, up), state)).toBe(0);
    expect(accountIndex(press(firstView, state, ...Array<string>(9).fill(down)), state)).toBe(4);
    expect(accountIndex(firstView, emptyState)).toBe(-1);
    expect(press(firstView, emptyState, down)).toBe(firstView);
  });

  it('keeps the account selected when others come before it', () => {
    const view = press(firstView, state, down);
    const more = { ...state, accounts: [accountOf('0'), ...state.accounts] };
    expect(more.accounts[accountIndex(view, more)]?.name).toBe('b');
  });

  it('selects the one in its place when it goes away', () => {
    const view = press(firstView, state, ...Array<string>(4).fill(down));
    const fewer = { ...state, accounts: state.accounts.slice(0, 2) };
    expect(accountIndex(view, fewer)).toBe(1);
  });

  it('scrolls no further than needed', () => {
    const view = press(firstView, state, down, down, down, up);
    expect(view.accountTop).toBe(1);
    expect(press(view, state, up, up).accountTop).toBe(0);
  });
});

describe('requests', () => {
  const focused: View = { ...firstView, pane: 'requests' };

  it('follows the newest row until the selection moves up', () => {
    expect(requestWindow(focused, state.rows, 4)).toMatchObject({
      start: 6,
      selected: 9,
      following: true,
      below: 0,
    });
    expect(press(focused, state, down)).toBe(focused);
    const moved = press(focused, state, up);
    expect(requestWindow(moved, state.rows, 4)).toMatchObject({
      start: 6,
      selected: 8,
      following: false,
      below: 1,
    });
  });

  it('stands still while new rows arrive, and counts them', () => {
    const moved = press(focused, state, up, up, up, up);
    expect(requestWindow(moved, rows(1, 60), 4)).toMatchObject({
      start: 5,
      selected: 5,
      following: false,
      below: 54,
    });
  });

  it('follows again at the end', () => {
    const moved = press(focused, state, up, up, down, down);
    expect(moved.request).toBeNull();
  });

  it('survives that its rows are evicted', () => {
    const moved = press(focused, state, up, up, up);
    expect(moved.request).toEqual({ selected: 7, top: 7 });
    const kept = rows(100, 120);
    expect(requestWindow(moved, kept, 4)).toMatchObject({
      start: 0,
      selected: 0,
      following: false,
      below: 20,
    });
  });

  it('keeps the selection in view when the terminal shrinks', () => {
    const moved = press(focused, state, up);
    const { start, selected } = requestWindow(moved, state.rows, 1);
    expect(start).toBe(selected);
  });

  it('has nothing to select without rows', () => {
    expect(press(focused, emptyState, up, down)).toEqual(focused);
    expect(requestWindow(focused, [], 4)).toMatchObject({
      start: 0,
      selected: -1,
      following: true,
      below: 0,
    });
    const one = { ...state, rows: rows(1, 1) };
    expect(press(focused, one, up).request).toBeNull();
  });
});

describe('panes and help', () => {
  it('goes round the panes in both directions', () => {
    expect(press(firstView, state, 'pane.next').pane).toBe('requests');
    expect(press(firstView, state, 'pane.next', 'pane.next').pane).toBe('accounts');
    expect(press(firstView, state, 'pane.previous').pane).toBe('requests');
  });

  it('shows and hides the help', () => {
    expect(press(firstView, state, 'help').help).toBe(true);
    expect(press(firstView, state, 'help', 'help').help).toBe(false);
    expect(press(firstView, state, 'help', 'back').help).toBe(false);
  });

  it('leaves the view alone for every other action', () => {
    expect(press(firstView, state, 'stop')).toBe(firstView);
  });
});
