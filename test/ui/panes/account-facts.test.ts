import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { localTime } from '../../../source/shared/local-time.ts';
import type { AccountView } from '../../../source/shared/types.ts';
import { factLines } from '../../../source/ui/panes/account-facts.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { accountOf, later, now, windowOf } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const hour = 3_600_000;
const login = accountOf('max', {
  kind: 'login',
  plan: 'max',
  organization: "Ada's Org",
  windows: [
    { ...windowOf('7d_opus', 0.9, 76 * hour), scope: 'opus' },
    windowOf('5h', 0.68, 2 * hour),
    windowOf('7d', null, null),
  ],
  forecast: { '5h': { emptyAt: later(hour), perHour: 0.3 } },
});
const show = (account: AccountView, width = 100, about: 'plan' | 'everything' = 'plan'): string[] =>
  factLines(theme, account, account.windows, { width, now, about }).map((line) => line.trimEnd());

describe('factLines', () => {
  it('has the plan, and every window in its order, with its reset by countdown and clock and its forecast', () => {
    const clock = (ms: number): string => localTime(later(ms), now);
    expect(show(login)).toEqual([
      "    plan max, organisation Ada's Org",
      `    5h      ▮▮▮▮▮▮▮▯▯▯  68% resets in 2h00m (${clock(2 * hour)}); empty at ~${clock(hour - 5000)}, 1h00m before its reset`,
      '    7d                    — reset not known',
      `    7d opus ▮▮▮▮▮▮▮▮▮▯  90% resets in 3d4h (${clock(76 * hour)})`,
    ]);
  });

  it('has one line for all windows that are no more than names, and bars under those of other accounts', () => {
    const bare = { status: null } as const;
    const windows = [
      windowOf('5h', 0.5, hour),
      ...['req', 'tok'].map((id) => ({ ...windowOf(id, null, null), ...bare })),
    ];
    const [share, names, ...more] = show(accountOf('lab', { windows }), 60);
    expect(share).toMatch(/^ {4}5h {6}▮▮▮▮▮▯▯▯▯▯  50% resets in 1h00m/);
    expect([names, more]).toEqual(['    req, tok: not known yet', []]);
    expect(show(login)[1]?.indexOf('▮')).toBe(share?.indexOf('▮'));
  });

  it('has no bar where there is little room, and fits everywhere', () => {
    expect(show(login, 46)[1]).toMatch(/^ {4}5h +68% resets in 2h00m/);
    for (let width = 30; width < 200; width += 1) {
      for (const line of show(login, width, 'everything'))
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  it('leaves out the time of day, then the forecast, before it cuts a word', () => {
    const said = [100, 90, 60, 36, 30].map((width) => show(login, width)[1]?.replace(/^.*68% /, ''));
    const [clock, empty] = [localTime(later(2 * hour), now), localTime(later(hour - 5000), now)];
    expect(said).toEqual([
      `resets in 2h00m (${clock}); empty at ~${empty}, 1h00m before its reset`,
      `resets in 2h00m; empty at ~${empty}, 1h00m before its reset`,
      `resets in 2h00m (${clock})`,
      'resets in 2h00m',
      '2h00m',
    ]);
  });

  it('says what it does, how long its token lasts and where it stands, where there is room for everything', () => {
    const account = { ...login, inFlight: 2, requests: 41, tokenExpiresAt: later(8 * hour), priority: 7 };
    const [, , , , ...more] = show(account, 70, 'everything');
    expect(more.every((text) => /^ {4}\S/.test(text))).toBe(true);
    expect(more.map((text) => text.trim()).join(' ')).toMatch(
      /^2 in flight, 41 requests since the start, not used yet; priority 7 its token lasts 8h00m, until .*; paid overage/,
    );
    expect(show(account, 70)).toHaveLength(4);
    expect(show({ ...account, requests: 1 }, 100, 'everything').join()).toContain(', 1 request since');
  });

  it('says of a login that its plan is not known, and of a key nothing', () => {
    expect(show(accountOf('max', { kind: 'login' }))).toEqual(['    its plan is not known yet']);
    expect(show(accountOf('key'))).toEqual([]);
  });

  it.each(hostileText)('shows nothing raw of %s', (_, text) => {
    const windows = [{ ...windowOf(text, 0.5, hour), scope: text }];
    const account = { ...login, plan: text, organization: text, models: [text], windows };
    for (const line of show(account, 100, 'everything')) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});
