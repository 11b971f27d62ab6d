import { describe, expect, it } from 'vitest';
import { asEpoch } from '../../../source/shared/types.ts';
import type { State } from '../../../source/store/state.ts';
import { layoutFor } from '../../../source/ui/layout.ts';
import { accountBlocks, accountsPane } from '../../../source/ui/panes/accounts.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { firstView, stepView, type View } from '../../../source/ui/view.ts';
import { accountOf, busyState, now, troubleState, windowOf } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const size = { columns: 60, rows: 11 };
const many: State = {
  ...busyState,
  next: null,
  accounts: Array.from({ length: 8 }, (_, i) =>
    accountOf(`n${i}`, {
      state: 'error',
      reason: 'keychain locked',
      windows: busyState.accounts[0]!.windows,
    }),
  ),
};
const show = (state: State, view: View): readonly string[] => {
  const input = { state, view, size, notice: null, theme, now };
  const blocks = accountBlocks(input);
  return accountsPane(input, layoutFor(size, blocks.flat().length, view.pane), blocks);
};

describe('accountsPane', () => {
  it('drops the reasons and scrolls when there is no room, and says where it is', () => {
    const top = show(many, firstView);
    expect(top[0]).toMatch(/^▸ 1 Accounts ─+ 1-3 of 8 ─$/);
    expect(top.slice(1).map((line) => line.slice(4, 6))).toEqual(['n0', 'n1', 'n2']);
  });

  it('keeps the selected account in view', () => {
    let view = firstView;
    for (let i = 0; i < 5; i += 1) view = stepView(view, 'select.next', many, { accounts: 3, requests: 3 });
    const shown = show(many, view);
    expect(shown[0]).toContain('4-6 of 8');
    expect(shown[3]).toMatch(/^> ✗ n5/);
  });

  it('shows any one of fifty accounts and says where it is', () => {
    const accounts = Array.from({ length: 50 }, (_, i) => accountOf(`n${i}`));
    const state = { ...many, accounts, next: accounts[49]!.id };
    let view = firstView;
    for (let i = 0; i < 49; i += 1) view = stepView(view, 'select.next', state, { accounts: 3, requests: 3 });
    const shown = show(state, view);
    expect(shown[0]).toMatch(/ → serves next · 48-50 of 50 ─$/);
    expect(shown[3]).toMatch(/^>→● n49/);
  });

  it('explains the mark of the account that is next only while there is one', () => {
    expect(show(busyState, firstView)[0]).toMatch(/ → serves next · 1-3 of 4 ─$/);
    expect(show({ ...busyState, next: null }, firstView)[0]).not.toContain('next');
  });

  it('says in its title when all accounts together are dry, and leaves out what has no room beside that', () => {
    const hour = 3_600_000;
    const resetsAt = asEpoch(now + 4 * hour);
    const accounts = ['a', 'b'].map((name) =>
      accountOf(name, { windows: [{ ...windowOf('5h', 0.4, 1), resetsAt }] }),
    );
    const readings = [4, 3, 2, 1, 0].map((back) => ({
      at: asEpoch(now - back * 900_000),
      used: 0.4 - back * 0.1,
      servedUsd: null,
    }));
    const trend = { window: '5h', scope: null, resetsAt, readings };
    const use = { servedUsd: {}, trends: accounts.map(({ id }) => ({ ...trend, account: id })) };
    const state = { ...busyState, accounts, next: accounts[0]!.id, use };
    expect(show(state, firstView)[0]).toMatch(/ pool dry at ~\d\d:\d\d · → serves next ─$/);
    // That it lasts is no news.
    const slow = {
      ...trend,
      readings: readings.map((each, index) => ({ ...each, used: 0.396 + 0.001 * index })),
    };
    const lasting = { servedUsd: {}, trends: accounts.map(({ id }) => ({ ...slow, account: id })) };
    expect(show({ ...state, use: lasting }, firstView)[0]).toMatch(/─ → serves next ─$/);
    const crowded = {
      ...state,
      accounts: accounts.map((each) => ({ ...each, preferred: each.name === 'b' })),
    };
    expect(show(crowded, firstView)[0]).toMatch(/ pool dry at ~\d\d:\d\d · → serves next ─$/);
    expect(show({ ...state, use: { servedUsd: {}, trends: [] } }, firstView)[0]).not.toContain('pool');
  });

  const paneAt = (rows: number, zoomed: boolean, cells = 5): readonly string[] => {
    const windows = ['5h', '7d', '30d', '90d'].map((id) => windowOf(id, 0.3, 3_600_000));
    const state = { ...busyState, accounts: [accountOf('max', { windows, plan: 'max' }), accountOf('key')] };
    const view = { ...firstView, zoomed };
    const input = { state, view, size: { columns: 100, rows }, notice: null, theme, now };
    const blocks = accountBlocks(input);
    const lines = accountsPane(input, layoutFor(input.size, blocks.flat().length, 'accounts', view), blocks);
    return lines.slice(2).map((line) => line.trim().slice(0, cells));
  };

  it('has every window of each account in a line of its own, and its plan, when it has the whole screen', () => {
    expect(paneAt(24, true).slice(0, 7)).toEqual([
      '> ● m',
      'plan ',
      '5h   ',
      '7d   ',
      '30d  ',
      '90d  ',
      '0 in ',
    ]);
    expect(paneAt(24, true, 9).slice(2, 6)).toEqual(['5h      ▮', '7d      ▮', '30d     ▮', '90d     ▮']);
  });

  it('says of each account what else is known when it has the whole screen and that has room for it', () => {
    // A blank line between two of them, none behind the last.
    expect(paneAt(24, true).slice(6, 11)).toEqual(['0 in ', '', '● key', '0 in ', '']);
    expect(paneAt(14, true).slice(0, 8)).toEqual([...paneAt(24, true).slice(0, 6), '● key', '']);
  });

  it('has the windows without a column below the rows of a tall terminal', () => {
    expect(paneAt(40, false)).toEqual(['> ● m', '30d ▮', '90d ▮', '● key']);
    expect(paneAt(24, false)).toEqual(['> ● m', '● key']);
  });

  it('marks a selection only while it has the keys', () => {
    const marks = (view: View): number => show(many, view).filter((line) => line.startsWith('>')).length;
    expect(marks(firstView)).toBe(1);
    expect(marks({ ...firstView, pane: 'requests' })).toBe(0);
  });

  it('says of each account that does not serve why, and when or what to do', () => {
    const input = {
      state: troubleState,
      view: firstView,
      size: { columns: 100, rows: 30 },
      notice: null,
      theme,
      now,
    };
    const blocks = accountBlocks(input);
    const lines = accountsPane(input, layoutFor(input.size, blocks.flat().length, 'accounts'), blocks);
    expect(lines.slice(2).map((line) => line.trimEnd())).toEqual([
      '> ✗ team-a       limited 5h   5h  ▮▮▮▮▮▮ 104%   9m05s    now  7d  ▮▮▮▮▮▯  99%   5d10h   9801      0',
      '  ◐ console      pacing 4s    req ▮▯▯▯▯▯   2%     30s         tok ▮▮▯▯▯▯  40%     30s     77      0',
      '  ◐ relay        benched      could not be reached; back in 2m00s                          3      0',
      '  ✗ 名前の長い…  error        5h  ▮▮▯▯▯▯  30%  2h00m?      —                               1      0',
      '    key refused (401): remove and re-add it; retry in 5m00s',
      '  ✗ vaulted      error        its secret is not in the keychain                            0      0',
      '  ○ spare        paused                                                                    2      0',
    ]);
  });
});
