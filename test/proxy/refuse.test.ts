import { describe, expect, test } from 'vitest';
import { choose, type Choice } from '../../source/balancer/choose.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { limitHeaders, refuse } from '../../source/proxy/refuse.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { candidate, later, now, problem, window } from '../balancer/sample.ts';

type None = Extract<Choice, { kind: 'none' }>;

const noneOf = (pool: readonly Candidate[]): None => {
  const request = { model: null, session: false, home: null, tried: new Set<never>(), mayProbe: false };
  return choose(pool, request, 'sticky', now) as None;
};

const limited = (name: string, ms: number) =>
  candidate(name, { windows: [window('5h', { status: 'rejected', resetsAt: later(ms) })] });

describe('every account is limited', () => {
  test('429 with the earliest reset, in seconds for the SDKs and as an instant for Claude Code', () => {
    const refusal = refuse(noneOf([limited('a', 90_000), limited('b', 30_500)]), now);
    expect(refusal).toMatchObject({
      code: 'all_limited',
      headers: {
        'retry-after': '31',
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': String(Math.ceil((now + 30_500) / 1000)),
      },
    });
    expect(refusal.message).toContain('2026-11-22T04:00:30.500Z');
  });

  test('an SDK is told not to wait for more than a minute, and may wait for less', () => {
    const shouldRetry = (ms: number) => limitHeaders(later(ms), now)['x-should-retry'];
    expect([1000, 60_000, 60_001, 3_600_000].map(shouldRetry)).toEqual([
      undefined,
      undefined,
      'false',
      'false',
    ]);
  });

  test('never a wait of nothing, and never less than the truth', () => {
    for (const ms of [-5000, 0, 1, 999, 1000, 1001]) {
      const seconds = Number(limitHeaders(later(ms), now)['retry-after']);
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds * 1000).toBeGreaterThanOrEqual(ms);
    }
    expect(limitHeaders(null, now)).toEqual({});
    expect(limitHeaders(asEpoch(now + 0.4), now)['retry-after']).toBe('1');
  });
});

test('every account overloaded: come back in two seconds', () => {
  const resting = {
    state: 'benched',
    until: later(4000),
    scope: null,
    model: null,
    reason: 'overloaded (529)',
  } as const;
  expect(refuse(noneOf([candidate('a', { rests: [resting] })]), now)).toMatchObject({
    code: 'all_overloaded',
    headers: { 'retry-after': '2' },
  });
});

describe('no account can serve', () => {
  test('without any: how to add one', () => {
    const refusal = refuse(noneOf([]), now);
    expect(refusal).toMatchObject({ code: 'no_account', headers: {} });
    expect(refusal.message).toContain('ccr-tui account add NAME');
  });

  test('paused ones: how to resume one', () => {
    const { message } = refuse(noneOf([candidate('work', {}, { paused: true })]), now);
    expect(message).toContain('work paused');
    expect(message).toContain('ccr-tui account resume NAME');
  });

  test('broken ones: why, without advice that does not help', () => {
    const { message } = refuse(
      noneOf([candidate('work', { credentialProblem: problem('keychain locked') })]),
      now,
    );
    expect(message).toContain('keychain locked');
    expect(message).not.toContain('resume');
  });

  test('a long list is cut', () => {
    const pool = Array.from({ length: 50 }, (_, n) => candidate(`account-${n}`, {}, { paused: true }));
    expect(refuse(noneOf(pool), now).message.length).toBeLessThan(600);
  });
});
