import { describe, expect, it } from 'vitest';
import { shownRows } from '../../source/ui/request-list.ts';
import { requestWindow } from '../../source/ui/request-window.ts';
import { logWindow } from '../../source/ui/log-window.ts';
import { accountIndex, firstView, isOpen, stepView, type View } from '../../source/ui/view.ts';
import type { State } from '../../source/store/state.ts';
import { accountOf, doneRow, emptyState, now } from './sample.ts';

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

describe('pages and ends', () => {
  const place = { accounts: 3, requests: 4, log: 5 };
  const many = {
    ...state,
    accounts: Array.from({ length: 20 }, (_, i) => accountOf(`a${i}`)),
    rows: rows(1, 50),
    log: Array.from({ length: 50 }, (_, i) => ({ seq: i + 1, at: now, level: 'info' as const, text: 'x' })),
  };
  const go = (view: View, ...names: string[]): View =>
    names.reduce((current, name) => stepView(current, name, many, place), view);

  it('moves a page with one line kept in view, and to both ends, in all lists', () => {
    const page = (pane: View['pane'], ...names: string[]): number => {
      const view = go({ ...firstView, pane }, ...names);
      if (pane === 'accounts') return accountIndex(view, many);
      if (pane === 'log') return logWindow(view.log, many.log, { height: 5, linesOf: () => 1 }).selected;
      return requestWindow(view, many.rows, 4).selected;
    };
    expect(page('accounts', 'select.page-down')).toBe(2);
    expect(page('accounts', 'select.page-down', 'select.page-down', 'select.page-up')).toBe(2);
    expect(page('accounts', 'select.last')).toBe(19);
    expect(page('accounts', 'select.last', 'select.first')).toBe(0);
    expect(page('requests', 'select.page-up')).toBe(46);
    expect(page('requests', 'select.first')).toBe(0);
    expect(page('requests', 'select.first', 'select.page-down')).toBe(3);
    expect(page('log', 'select.page-up')).toBe(45);
    expect(page('log', 'select.first', 'select.page-down')).toBe(4);
    expect(page('log', 'select.first', 'select.last')).toBe(49);
  });

  it('follows again at the newest, in the requests and in the log', () => {
    for (const pane of ['requests', 'log'] as const) {
      const view: View = { ...firstView, pane };
      expect(go(view, 'select.first', 'select.last')).toEqual(view);
      expect(go(view, 'select.page-up', 'select.page-down')).toEqual(view);
      expect(go(view, 'select.last', 'select.next')).toBe(view);
    }
  });
});

describe('follow and freeze', () => {
  const focused: View = { ...firstView, pane: 'requests' };
  const more = { ...state, rows: rows(1, 60), seen: 60 };
  const before = { ...state, seen: 10 };

  it('stops following at the newest row and follows again', () => {
    const stopped = press(focused, before, 'requests.follow');
    expect(requestWindow(stopped, more.rows, 4)).toMatchObject({ selected: 9, start: 6, following: false });
    expect(requestWindow(stopped, more.rows, 4).below).toBe(50);
    expect(press(stopped, more, 'requests.follow').request).toBeNull();
    expect(press(focused, emptyState, 'requests.follow')).toBe(focused);
  });

  it('keeps the rows as they were, and goes on with the same key', () => {
    const frozen = stepView(focused, 'requests.freeze', before, { ...heights, now });
    expect(frozen.frozen).toEqual({ rows: before.rows, seen: 10, at: now });
    expect(frozen.frozen?.rows).toBe(before.rows);
    expect(press(frozen, more, 'requests.freeze')).toEqual(focused);
  });

  it.each(['requests.follow', 'select.last'])('goes on with %s, and follows', (action) => {
    const frozen = press(focused, before, 'requests.freeze', up, up);
    expect(press(frozen, more, action)).toEqual(focused);
  });

  it('moves within the frozen rows, whatever is evicted meanwhile', () => {
    const kept = { ...state, rows: rows(5000, 5999), seen: 5999 };
    const frozen = press(focused, before, 'requests.freeze');
    const moved = press(frozen, kept, up, up, up);
    const { rows: shown } = shownRows(moved, kept);
    expect(shown[requestWindow(moved, shown, 4).selected]?.seq).toBe(7);
    expect(press(moved, kept, 'select.first').request?.selected).toBe(1);
    expect(press(moved, kept, down, down, down, down).request).toBeNull();
    expect(press(moved, kept, down, down, down, down).frozen).toBe(frozen.frozen);
  });

  it('keeps the same request selected while a thousand rows are evicted, until it goes itself', () => {
    let view = press(focused, { ...state, rows: rows(1, 1000) }, 'select.first', 'select.page-down');
    const seq = view.request?.selected;
    view = press(view, { ...state, rows: rows(1, 1000) }, ...Array<string>(300).fill(down));
    const chosen = (seq ?? 0) + 300;
    for (const from of [1, 2, 100, chosen]) {
      const now = rows(from, from + 999);
      const { selected, start } = requestWindow(view, now, 4);
      expect(now[selected]?.seq).toBe(chosen);
      expect(selected - start).toBeLessThan(4);
    }
    const gone = rows(chosen + 1, chosen + 1000);
    expect(requestWindow(view, gone, 4)).toMatchObject({ selected: 0, start: 0, following: false });
  });
});

describe('panes and help', () => {
  const three = { ...heights, panes: ['accounts', 'requests', 'log'] as const };
  const around = (view: View, ...names: string[]): View =>
    names.reduce((current, name) => stepView(current, name, state, three), view);

  it('goes round the panes in both directions', () => {
    expect(around(firstView, 'pane.next').pane).toBe('requests');
    expect(around(firstView, 'pane.next', 'pane.next').pane).toBe('log');
    expect(around(firstView, 'pane.next', 'pane.next', 'pane.next').pane).toBe('accounts');
    expect(around(firstView, 'pane.previous').pane).toBe('log');
  });

  it('leaves out a pane that Tab does not reach, and comes back from it', () => {
    expect(press(firstView, state, 'pane.next', 'pane.next').pane).toBe('accounts');
    expect(press(firstView, state, 'pane.previous').pane).toBe('requests');
    expect(press({ ...firstView, pane: 'log' }, state, 'pane.next').pane).toBe('requests');
  });

  it('goes straight to a pane, and shows the log for that', () => {
    expect(press(firstView, state, 'pane.requests').pane).toBe('requests');
    expect(press(firstView, state, 'pane.requests', 'pane.accounts').pane).toBe('accounts');
    const hidden = press(firstView, state, 'log.toggle');
    expect(hidden.logShown).toBe(false);
    expect(press(hidden, state, 'pane.log')).toMatchObject({ pane: 'log', logShown: true });
  });

  it('hides the log with its focus and its zoom', () => {
    const focused = press(firstView, state, 'pane.log', 'pane.zoom');
    expect(focused.zoomed).toBe(true);
    expect(press(focused, state, 'log.toggle')).toMatchObject({
      pane: 'requests',
      zoomed: false,
      logShown: false,
    });
    const elsewhere = press(firstView, state, 'pane.zoom', 'log.toggle');
    expect(elsewhere).toMatchObject({ pane: 'accounts', zoomed: true, logShown: false });
    expect(press(elsewhere, state, 'log.toggle').logShown).toBe(true);
  });

  it('zooms and closes what is on top first', () => {
    const zoomed = press(firstView, state, 'pane.zoom');
    expect(isOpen(zoomed)).toBe(true);
    expect(press(zoomed, state, 'pane.zoom')).toEqual(firstView);
    const both = press(zoomed, state, 'help');
    expect(press(both, state, 'back')).toMatchObject({ help: false, zoomed: true });
    expect(press(both, state, 'back', 'back')).toEqual(firstView);
    expect(press(firstView, state, 'back')).toBe(firstView);
    expect(isOpen(firstView)).toBe(false);
  });

  it('shows and hides the help', () => {
    expect(press(firstView, state, 'help').help).toBe(true);
    expect(press(firstView, state, 'help', 'help').help).toBe(false);
    expect(press(firstView, state, 'help', 'back').help).toBe(false);
  });

  it('scrolls the help and not what is behind it', () => {
    const place = { ...heights, help: { lines: 40, height: 10 } };
    const go = (...names: string[]): View =>
      names.reduce((view, name) => stepView(view, name, state, place), firstView);
    expect(go('help', down, down).helpTop).toBe(2);
    expect(go('help', up).helpTop).toBe(0);
    expect(go('help', 'select.page-down').helpTop).toBe(9);
    expect(go('help', 'select.last').helpTop).toBe(30);
    expect(go('help', 'select.last', down, up).helpTop).toBe(29);
    expect(go('help', 'select.last', 'help', 'help').helpTop).toBe(0);
    expect(go('help', down, 'help')).toMatchObject({ account: null, help: false });
    expect(press(firstView, state, 'help', down).helpTop).toBe(0);
  });

  it('leaves the view alone for every other action', () => {
    expect(press(firstView, state, 'stop')).toBe(firstView);
  });
});
