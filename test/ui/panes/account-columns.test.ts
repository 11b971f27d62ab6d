import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import type { AccountView } from '../../../source/shared/types.ts';
import { accountColumns } from '../../../source/ui/panes/account-columns.ts';
import { accountHeading } from '../../../source/ui/panes/account-lines.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, busyState, windowOf } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const { accounts } = busyState;
const classic = ['requests', 'tokens', 'input-tokens', 'output-tokens'].map((id) => windowOf(id, 0.2, 9000));
const mixed = [
  ...accounts,
  accountOf('日本語のとても長いアカウント名', { windows: classic }),
  accountOf('opus', { windows: [windowOf('5h', 0, 1), { ...windowOf('7d_opus', 0, 1), scope: 'opus' }] }),
];
/** As the screen divides it: headings from 90 columns on. */
const shown = (list: readonly AccountView[], width: number): string[] =>
  accountColumns(list, width, width >= 90).shown;

describe('accountColumns', () => {
  it.each([
    ['windows that all share', accounts],
    ['windows of all kinds', mixed],
    ['no window', [accountOf('a')]],
  ])('never shows fewer columns when the terminal gets wider, with %s', (_, list) => {
    for (let width = 46; width <= 200; width += 1) {
      const wider = new Set(shown(list, width + 1));
      for (const id of shown(list, width)) expect(wider).toContain(id);
    }
  });

  it.each([
    ['windows that all share', accounts],
    ['windows of all kinds', mixed],
    ['no window', [accountOf('a')]],
  ])('never takes more than there is, with %s', (_, list) => {
    for (let width = 46; width <= 200; width += 1) {
      const columns = accountColumns(list, width, width >= 90);
      expect(displayWidth(accountHeading(theme, columns, 999))).toBeLessThanOrEqual(width);
    }
  });

  it('has the same columns whichever limits of a key are nearly spent', () => {
    const key = (tight: string): AccountView =>
      accountOf('key', {
        windows: classic.map((each) => (each.id === tight ? { ...each, utilization: 0.95 } : each)),
      });
    for (let width = 46; width <= 160; width += 1) {
      const calm = shown([...accounts, key('none')], width);
      for (const { id } of classic) expect(shown([...accounts, key(id)], width)).toEqual(calm);
    }
  });

  it('drops them in the order of its table', () => {
    const dropped: string[] = [];
    for (let width = 200; width > 42; width -= 1) {
      const now = new Set(accountColumns(mixed, width - 1, true).shown);
      dropped.push(...accountColumns(mixed, width, true).shown.filter((id) => !now.has(id)));
    }
    expect(dropped.join(', ')).toBe(
      'bar 3, window 3, bar 2, window 2, empty 1, empty 0, bar 1, requests, flight, full-state, window 1, bar 0',
    );
    expect(accountColumns(mixed, 42, true).shown).toEqual(['name', 'state', 'window 0']);
  });

  it('shows both windows, their bars and the counters from 90 columns on', () => {
    expect(shown(accounts, 90)).toEqual([
      'name',
      'state',
      'full-state',
      'window 0',
      'empty 0',
      'bar 0',
      'window 1',
      'bar 1',
      'requests',
      'flight',
    ]);
  });

  it('lets a heading name the windows that all accounts share, else each row', () => {
    expect(accountColumns(accounts, 100, true).windows).toEqual([
      { heading: '5h', label: 0, bar: 9, empty: 6 },
      { heading: '7d', label: 0, bar: 9, empty: 6 },
    ]);
    expect(accountColumns(accounts, 100, false).windows.map(({ label }) => label)).toEqual([2, 2]);
    expect(accountColumns(mixed, 100, true).windows[0]).toMatchObject({ heading: null, label: 3 });
  });
});
