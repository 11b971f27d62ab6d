import { describe, expect, it } from 'vitest';
import { accountTable } from '../../source/commands/account-table.ts';
import { asEpoch, type AccountId, type AccountView } from '../../source/shared/types.ts';

const now = asEpoch(Date.parse('2026-11-20T12:00:00Z'));

const view: AccountView = {
  id: 'a1' as AccountId,
  name: 'work',
  kind: 'api-key',
  baseUrl: 'https://api.anthropic.com',
  priority: 200,
  weight: 1,
  paused: false,
  state: 'limited',
  reason: '5h window is spent',
  availableAt: asEpoch(now + 6_120_000),
  inFlight: 0,
  requests: 12,
  lastUsedAt: now,
  windows: [
    {
      id: '5h',
      scope: null,
      utilization: 1,
      status: 'rejected',
      resetsAt: asEpoch(now + 6_120_000),
      source: 'header',
      seenAt: now,
    },
    {
      id: '7d',
      scope: 'opus',
      utilization: null,
      status: null,
      resetsAt: null,
      source: 'header',
      seenAt: now,
    },
  ],
};

describe('accountTable', () => {
  it('shows state, windows with countdown, and why the account does not serve', () => {
    const [title = '', row = ''] = accountTable([view], now, undefined);
    expect(title).toMatch(/^ACCOUNT +KIND +STATE +PRIORITY +REQUESTS +WINDOWS +NOTE$/);
    expect(row).toMatch(
      /^work +api-key +limited +200 +12 +5h 100% 1h42m +5h window is spent; back in 1h42m$/,
    );
  });

  it('says 100% only of a spent window, as the screen does', () => {
    const nearly = view.windows.map((window) => ({ ...window, utilization: 0.999 }));
    expect(accountTable([{ ...view, windows: nearly }], now, undefined)[1]).toContain(
      '5h 99% 1h42m  7d(opus) 99% —',
    );
  });

  it('marks a number that is a memory', () => {
    const later = asEpoch(now + 700_000);
    expect(accountTable([view], later, undefined)[1]).toContain('5h 100%?');
  });

  it('keeps within the width of the terminal and lets no name reach it unclean', () => {
    const hostile = { ...view, name: '\x1b]0;x\x07evil', reason: 'x'.repeat(300) };
    const lines = accountTable([hostile], now, 60);
    expect(lines.every((line) => line.length <= 60)).toBe(true);
    expect(lines.join('')).not.toContain('\x1b');
  });

  it('is the title line alone for no account', () => {
    expect(accountTable([], now, undefined)).toHaveLength(1);
  });

  it('notes what its owner keeps an account from, as long as nothing else is to be said', () => {
    const kept = { ...view, caps: { '5h': 0.8 }, models: ['claude-haiku-*'] };
    const free = { ...kept, state: 'ready', reason: null, availableAt: null } as const;
    expect(accountTable([free], now, undefined)[1]).toMatch(/cap 5h 80%; claude-haiku-\* only$/);
    expect(accountTable([kept], now, undefined)[1]).toMatch(/5h window is spent; back in 1h42m$/);
  });
});
