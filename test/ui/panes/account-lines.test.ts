import { describe, expect, it } from 'vitest';
import { accountStates } from '../../../source/shared/types.ts';
import {
  accountHeading,
  accountLines,
  orderedWindows,
  reasonText,
} from '../../../source/ui/panes/account-lines.ts';
import type { LayoutKind } from '../../../source/ui/layout.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, busyState, later, now, windowOf } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const { accounts } = busyState;
const minute = 60_000;
const show = (kind: LayoutKind, columns: number, list = accounts, selected = 0): string[] =>
  accountLines(theme, list, { kind, columns, selected, now })
    .flat()
    .map((line) => line.trimEnd());

describe('accountLines', () => {
  it('shows a gauge with percent and countdown for every window of a wide screen', () => {
    expect([accountHeading(theme, accounts, 100).trimEnd(), ...show('wide', 100)]).toEqual([
      '   account  state        limits: used, resets in                                   req flight',
      '> ● work    serving      5h ▮▮▮▮▮▮▮▯▯▯  68%   1h42m  7d ▮▮▮▯▯▯▯▯▯▯  31%    3d4h    412      3',
      '  ● home    ready        5h ▮▮▯▯▯▯▯▯▯▯  19%   4h05m  7d ▮▮▮▮▯▯▯▯▯▯  44%  46h00m    150      0',
      '  ✗ team-a  limited      5h ▮▮▮▮▮▮▮▮▮▮ 100%     12m  7d ▮▮▮▮▮▮▮▯▯▯  72%   5d10h    980      0',
      '    5h limit reached; back in 12m',
      '  ○ spare   paused                                                                   2      0',
    ]);
  });

  it('puts the reason into the row where it finds room', () => {
    expect(show('wide', 140)[2]).toMatch(/980 +0 {2}5h limit reached; back in 12m$/);
  });

  it('moves nothing below when an account only rests for seconds', () => {
    const windows = [windowOf('5h', 0.5, 60 * minute)];
    const resting = (restMs: number) =>
      accountOf('a', { state: 'benched', reason: 'overloaded', availableAt: later(restMs), windows });
    expect(show('wide', 100, [resting(8000)])).toEqual([expect.stringMatching(/^> ◐ a {7}benched 8s {3}5h/)]);
    expect(show('narrow', 60, [resting(8000)])).toHaveLength(1);
    expect(show('wide', 90, [resting(5 * minute)])[1]).toBe('    overloaded; back in 5m00s');
  });

  it('gives the reason of an account without windows the whole narrow row', () => {
    const refused = accountOf('b', {
      state: 'error',
      reason: 'the provider refused its key',
      availableAt: later(5 * minute),
    });
    expect(show('narrow', 72, [...accounts, refused])[5]).toMatch(/refused its key; back in 5m00s$/);
  });

  it('has one bar on a narrow screen', () => {
    expect(show('narrow', 60).slice(0, 2)).toEqual([
      '> ● work    serving  5h ▮▮▮▯▯  68%   1h42m  7d  31%    3d4h',
      '  ● home    ready    5h ▮▯▯▯▯  19%   4h05m  7d  44%  46h00m',
    ]);
    expect(show('narrow', 46)[0]).toBe('> ● work    serving  5h ▮▮▮▯▯  68%   1h42m');
  });

  it('shows the tightest window on a tiny screen, or the state of what does not serve', () => {
    expect(show('tiny', 30)).toEqual([
      '>● work            68%   1h42m',
      ' ● home            44%  46h00m',
      ' ✗ team-a      limited     12m',
      ' ○ spare        paused',
    ]);
  });

  it('takes whatever windows an account has', () => {
    const odd = accountOf('classic', {
      windows: [
        windowOf('output-tokens', 0.1, 30_000),
        windowOf('requests', null, null),
        { ...windowOf('7d', 1.25, minute), scope: 'opus' },
        windowOf('tokens', 0.999, -5),
      ],
    });
    const [row = ''] = show('wide', 200, [odd]);
    expect(row).toMatch(/out +▮▯+ +10% +30s/);
    expect(row).toMatch(/req +— +— /);
    expect(row).toMatch(/7d opus ▮+ 125% +1m00s/);
    expect(row).toMatch(/tok +▮+▯ +99% +now/);
  });

  it('marks a number that is stale', () => {
    const old = { ...windowOf('5h', 0.5, 60 * minute), seenAt: later(-11 * minute) };
    expect(show('wide', 100, [accountOf('a', { windows: [old] })])[0]).toMatch(/50% +1h00m\?/);
  });

  it('tells every state by a word and a glyph, without colours', () => {
    for (const ascii of [false, true]) {
      const mono = createTheme({ ascii, color: false });
      const lines = accountStates.map((state) =>
        accountLines(mono, [accountOf('x', { state })], {
          kind: 'wide',
          columns: 90,
          selected: -1,
          now,
        }).join(),
      );
      expect(new Set(lines).size).toBe(accountStates.length);
      for (const [index, state] of accountStates.entries()) expect(lines[index]).toContain(state);
    }
  });
});

describe('orderedWindows', () => {
  it('puts 5h and 7d first, those of one model last, and keeps the server order else', () => {
    const scoped = { ...windowOf('5h', 0, 1), scope: 'opus' };
    const list = [
      scoped,
      windowOf('tokens', 0, 1),
      windowOf('7d', 0, 1),
      windowOf('a', 0, 1),
      windowOf('5h', 0, 1),
    ];
    expect(orderedWindows(list).map(({ id, scope }) => id + (scope ?? ''))).toEqual([
      '5h',
      '7d',
      'tokens',
      'a',
      '5hopus',
    ]);
  });
});

describe('reasonText', () => {
  it('says why and until when, and nothing when the state says it all', () => {
    expect(reasonText(accounts[2]!, now)).toBe('5h limit reached; back in 12m');
    expect(reasonText(accountOf('a', { state: 'error', reason: 'keychain locked' }), now)).toBe(
      'keychain locked',
    );
    expect(reasonText(accounts[0]!, now)).toBe('');
    expect(reasonText(accounts[3]!, now)).toBe('');
  });
});
