import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { withZone, zoneOf } from '../../../source/shared/local-time.ts';
import type { AccountView } from '../../../source/shared/types.ts';
import { accountDetailLines, type ToldAudit } from '../../../source/ui/overlays/account-detail-lines.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { awkwardText, hostileCharacter, hostileText } from '../../kit/hostile-text.ts';
import { accountOf, busyState, doneRow, later, now, troubleState, windowOf } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const hour = 3_600_000;

const login = accountOf('max', {
  kind: 'login',
  plan: 'max',
  organization: "Ada's Org",
  tokenExpiresAt: later(7 * hour),
  inFlight: 2,
  requests: 412,
  lastUsedAt: later(-4000),
  windows: [
    { ...windowOf('7d_opus', 0.9, 76 * hour), scope: 'opus' },
    windowOf('overage', 0.1, 480 * hour),
    windowOf('5h', 0.68, 2 * hour),
    { ...windowOf('7d', 0.31, 76 * hour), source: 'usage', seenAt: later(-hour) },
  ],
});

const read = (
  account: AccountView,
  { state = busyState, columns = 110, audit = [] as ToldAudit } = {},
): string => accountDetailLines(theme, state, account, { columns, now, audit }).join('\n');

describe('the detail of an account', () => {
  it('has every window in its order, with its share, the moment of its reset and where that is from', () => {
    const lines = read(login).split('\n');
    const limits = lines.slice(lines.indexOf(' Limits') + 1).slice(0, 8);
    expect(limits.filter((_, index) => index % 2 === 0)).toEqual([
      ` 5h         ▮▮▮▮▮▮▮▯▯▯  68% resets in 2h00m, ${withZone(later(2 * hour))}`,
      ` 7d         ▮▮▮▯▯▯▯▯▯▯  31% resets in 3d4h?, ${withZone(later(76 * hour))}`,
      ` 7d opus    ▮▮▮▮▮▮▮▮▮▯  90% resets in 3d4h, ${withZone(later(76 * hour))}`,
      ` overage    ▮▯▯▯▯▯▯▯▯▯  10% resets in 20d0h, ${withZone(later(480 * hour))}`,
    ]);
    expect(limits[1]).toMatch(/allowed; told by an answer at \d\d:\d\d:\d\d$/);
    expect(limits[3]).toMatch(/allowed; read from the usage endpoint at \d\d:\d\d:\d\d, stale$/);
  });

  it('says what is foretold of a window', () => {
    const readings = [4, 3, 2, 1, 0].map((back) => ({
      at: later(-back * 900_000),
      used: 0.68 - back * 0.1,
      servedUsd: null,
    }));
    const trend = { account: login.id, window: '5h', scope: null, resetsAt: later(2 * hour), readings };
    const state = { ...busyState, use: { servedUsd: {}, trends: [trend] } };
    expect(read(login, { state })).toMatch(/; empty at ~\d\d:\d\d, .+ before its reset\n/);
  });

  it('never draws what nobody knows as a figure', () => {
    const text = read(accountOf('key', { windows: [windowOf('tokens', null, null)] }));
    expect(text).toMatch(/ tok +— reset not known\n/);
    expect(text).toContain('not used yet');
    expect(text).not.toContain('Login');
    expect(read(accountOf('bare'))).toContain('No limits known');
    const odd = accountOf('odd', { windows: [windowOf('5h', 0.1, 13 * hour)] });
    expect(read(odd)).toContain(`a reset that cannot be: ${withZone(later(13 * hour))}`);
  });

  it('tells plan, owner and token, and that it serves for money', () => {
    expect(read(login)).toContain("Claude login, plan max, Ada's Org");
    expect(read(login)).toContain(`its token lasts 7h00m, until ${withZone(later(7 * hour))}`);
    expect(read(login)).not.toContain('this costs money');
    expect(read({ ...login, onOverage: true })).toContain('serves from paid overage now: this costs money');
    expect(read({ ...login, overage: 0.5 })).toContain('overage up to 50%');
    expect(read({ ...login, tokenExpiresAt: later(-1000) })).toContain('its token ended ');
  });

  it('says why it does not serve and until when, in words and with the zone', () => {
    const [limited] = troubleState.accounts;
    const until = later(9 * 60_000 + 5000);
    expect(read(limited!)).toContain(`limited; reached its 5h limit; again in 9m05s, ${withZone(until)}`);
  });

  it('says once that it is paused', () => {
    const spare = { state: 'paused', reason: 'paused by you' } as const;
    expect(read(accountOf('spare', spare))).toMatch(/^ State +paused by you$/m);
    expect(read(accountOf('spare', { ...spare, preferred: true }))).toMatch(
      /^ State +paused by you, preferred for new work$/m,
    );
  });

  it('has the newest errors with their reason and who took over', () => {
    const text = read(troubleState.accounts[2]!, { state: troubleState });
    expect(text).toMatch(/Recent errors\n \d\d:\d\d:\d\d +529 busy, sonnet-4\.5\n/);
    expect(text).toMatch(/529 busy, sonnet-4\.5, overloaded: Overloaded, please try again/);
    expect(text).toContain('529 busy, sonnet-4.5, passed on to work');
    expect(read(accountOf('calm'))).toContain('No errors in the newest 8 requests');
  });

  it('has what was done to it, by whom, and in which zone the times are', () => {
    const audit = [
      { at: later(-1000), event: 'account.changed', via: 'cli', detail: 'priority 5' },
      { at: later(-50 * hour), event: 'account.added', via: 'screen', detail: '' },
      { at: later(-51 * hour), event: 'account.exploded', via: 'magic', detail: '' },
    ];
    const text = read(login, { audit });
    expect(text).toContain(`Audit, in the time of ${zoneOf(now)}\n`);
    expect(text).toMatch(/ \d\d:\d\d:\d\d +changed, by a command: priority 5\n/);
    const day = new Date(later(-50 * hour)).toLocaleDateString('en-US', { weekday: 'short' });
    expect(text).toMatch(new RegExp(` ${day} \\d\\d:\\d\\d +added, on the screen\\n`));
    expect(text).toMatch(/account\.exploded, magic$/);
    expect(read(login, { audit: 'asked' })).toContain('the audit log is being read');
    expect(read(login, { audit: { problem: 'no' } })).toMatch(/Audit\n +no$/);
    expect(read(login)).toMatch(/Nothing in the audit log$/);
  });

  it.each([...hostileText, ...awkwardText])('shows nothing raw of %s', (_, text) => {
    const account = {
      ...login,
      organization: text,
      plan: text,
      reason: text,
      baseUrl: text,
      models: [text],
      windows: [
        { ...windowOf(text, 0.5, hour), status: text },
        { ...windowOf('7d', 0.5, hour), scope: text },
      ],
    };
    const rows = [doneRow(1, { accountId: login.id, outcome: 'error', error: text, model: text })];
    const audit = [{ at: now, event: text, via: text, detail: text }];
    const shown = read(account, { state: { ...busyState, rows }, audit });
    expect(shown.replaceAll('\n', '')).not.toMatch(hostileCharacter);
    expect(read(account, { audit: { problem: text } }).replaceAll('\n', '')).not.toMatch(hostileCharacter);
  });

  it('fits at every width', () => {
    const audit = [{ at: later(-50 * hour), event: 'account.added', via: 'cli', detail: 'kind api-key' }];
    for (let columns = 30; columns <= 200; columns += 1) {
      const lines = accountDetailLines(theme, troubleState, login, { columns, now, audit });
      expect(lines.find((line) => displayWidth(line) > columns)).toBeUndefined();
    }
  });
});
