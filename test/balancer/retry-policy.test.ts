import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountLimit,
  attemptLimit,
  backOff,
  freeVerdicts,
  judge,
  judgeError,
  mayTryAgain,
  type VerdictKind,
} from '../../source/balancer/retry-policy.ts';
import type { Headers } from '../../source/balancer/limits.ts';
import { numRuns } from '../kit/long-run.ts';
import { shapes } from './limit-shapes.ts';
import { day, fixture, later, now, reading } from './sample.ts';

const judged = (status: number, headers: Headers = {}) => judge(status, reading(headers), now);
const judgedFixture = (name: string) => judged(fixture(name).status, fixture(name).headers);

describe('the verdict on an answer', () => {
  test.each([200, 201, 204, 301, 400, 402, 403, 404, 408, 409, 413, 422])('%i is for the client', (status) =>
    expect(judged(status)).toEqual({ kind: 'forwarded' }),
  );

  test.each([
    [401, 'unauthorized'],
    [500, 'failed'],
    [502, 'failed'],
    [503, 'failed'],
    [504, 'failed'],
    [520, 'failed'],
    [529, 'overloaded'],
  ])('%i is for another account (%s)', (status, kind) => expect(judged(status)).toEqual({ kind }));

  test('an answer that was served counts as served, whatever its limit headers say', () => {
    for (const name of ['unified-warning', 'unified-200-but-rejected-overage', 'unified-overage-only']) {
      expect(judgedFixture(name)).toEqual({ kind: 'forwarded' });
    }
  });
});

test('an error without a status of its own is judged by its type', () => {
  const types = ['overloaded_error', 'rate_limit_error', 'api_error', 'timeout_error'];
  const verdicts = types.map((type) => judgeError(type)?.kind);
  expect(verdicts).toEqual(['overloaded', 'refused', 'failed', 'failed']);
  for (const type of ['invalid_request_error', 'authentication_error', '', 'toString']) {
    expect(judgeError(type)).toBeNull();
  }
});

describe('the three things that a 429 can mean', () => {
  test('a window is spent: until its own reset', () => {
    expect(judgedFixture('unified-rejected-5h')).toEqual({
      kind: 'limited',
      until: 1_795_330_800_000,
      window: '5h',
      scope: null,
    });
    expect(judgedFixture('unified-rejected-7d')).toMatchObject({ window: '7d', until: 1_795_737_600_000 });
  });

  test('its own reset, even if the header of the whole account and retry-after say less', () => {
    const { headers } = fixture('unified-rejected-7d');
    const sooner = { 'anthropic-ratelimit-unified-reset': '1795330800', 'retry-after': '5' };
    expect(judged(429, { ...headers, ...sooner })).toMatchObject({ window: '7d', until: 1_795_737_600_000 });
  });

  test('a window may be spent without the header of the whole account', () => {
    const headers = Object.fromEntries(
      Object.entries(fixture('unified-rejected-5h').headers).filter(
        ([name]) => !/unified-(?:reset|status)$/.test(name),
      ),
    );
    expect(judged(429, headers)).toMatchObject({ kind: 'limited', window: '5h', until: 1_795_330_800_000 });
  });

  test('several windows: the one that opens last', () => {
    const { headers } = fixture('unified-rejected-5h');
    const both = { ...headers, ...fixture('unified-rejected-7d').headers };
    both['anthropic-ratelimit-unified-5h-status'] = 'rejected';
    expect(judged(429, both)).toMatchObject({ window: '7d', until: 1_795_737_600_000 });
  });

  test('a window of some models: for those alone', () => {
    expect(judgedFixture('unified-rejected-scoped-7d_oi')).toMatchObject({ window: '7d_oi', scope: 'fable' });
  });

  test('no window but a reset, or a large retry-after: a limit too, at most eight days long', () => {
    const reset = {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': '1795330800',
    };
    expect(judged(429, reset)).toEqual({
      kind: 'limited',
      until: 1_795_330_800_000,
      window: null,
      scope: null,
    });
    expect(judged(429, { 'retry-after': '3600' })).toMatchObject({
      kind: 'limited',
      until: later(3_600_000),
    });
    expect(judged(429, { 'retry-after': '2592000' })).toMatchObject({ until: later(8 * day) });
  });

  test.each(shapes)('%s', (_, status, headers, expected) => {
    expect(judged(status, headers)).toEqual(expected);
  });

  test('pace: the windows are open and the wait is short', () => {
    expect(judged(429, { ...fixture('unified-allowed').headers, 'retry-after': '7' })).toEqual({
      kind: 'pacing',
      until: later(7000),
    });
    expect(judged(429, { ...fixture('classic-apikey').headers, 'retry-after': '60' })).toMatchObject({
      kind: 'pacing',
    });
    expect(judged(429, fixture('unified-warning').headers)).toMatchObject({ kind: 'pacing' });
  });

  test('pace is a second at least: a shorter wait would only be refused once more', () => {
    for (const wait of [{ 'retry-after': '0.2' }, { 'retry-after-ms': '1' }]) {
      expect(judged(429, { ...fixture('unified-allowed').headers, ...wait })).toEqual({
        kind: 'pacing',
        until: later(1000),
      });
    }
  });

  test('this request only: no limit data at all', () => {
    expect(judged(429)).toEqual({ kind: 'refused' });
    expect(judged(429, { 'retry-after': 'soon', 'x-should-retry': 'true' })).toEqual({ kind: 'refused' });
  });

  test('a window that opened meanwhile is not spent', () => {
    const { headers } = fixture('unified-rejected-5h');
    const past = {
      ...headers,
      'anthropic-ratelimit-unified-reset': '1795000000',
      'anthropic-ratelimit-unified-5h-reset': '1795000000',
      'retry-after': '2',
    };
    expect(judged(429, past)).toEqual({ kind: 'pacing', until: later(2000) });
  });

  test('whatever the headers, a rest lies ahead and ends within eight days', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('rejected', '0', '-1', '1795330800', '1e99', 'NaN', '1'),
    );
    const names = [
      'status',
      'reset',
      '5h-status',
      '5h-reset',
      '5h-utilization',
      '7d_oi-status',
      '7d_oi-reset',
    ];
    const keys = [
      ...names.map((name) => `anthropic-ratelimit-unified-${name}`),
      'retry-after',
      'retry-after-ms',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), text), (headers) => {
        const verdict = judged(429, headers);
        expect(['limited', 'pacing', 'refused']).toContain(verdict.kind);
        const until = 'until' in verdict ? verdict.until : later(1);
        expect(until > now && until <= later(8 * day)).toBe(true);
      }),
      { numRuns },
    );
  });
});

describe('trying again', () => {
  const costly: VerdictKind[] = ['pacing', 'refused', 'overloaded', 'failed', 'unreachable'];

  test('what proves that it ran nowhere is free', () => {
    expect(freeVerdicts).toEqual(new Set(['limited', 'unauthorized']));
  });

  test.each(costly)('%s: three attempts', (kind) => {
    expect(attemptLimit).toBe(3);
    expect(
      [1, 2, 3, 4].map((n) =>
        mayTryAgain(
          Array.from({ length: n }, () => kind),
          true,
        ),
      ),
    ).toEqual([true, true, false, false]);
  });

  test.each(['limited', 'unauthorized'] as const)('%s: ten accounts, without using up an attempt', (kind) => {
    expect(accountLimit).toBe(10);
    expect(
      mayTryAgain(
        Array.from({ length: 9 }, () => kind),
        true,
      ),
    ).toBe(true);
    expect(
      mayTryAgain(
        Array.from({ length: 10 }, () => kind),
        true,
      ),
    ).toBe(false);
    expect(mayTryAgain([kind, kind, kind, 'failed', 'overloaded'], true)).toBe(true);
  });

  test('what must not run twice is not sent twice; only a refused key, which no client sees, may be followed', () => {
    for (const kind of [...costly, 'limited'] as const) expect(mayTryAgain([kind], false)).toBe(false);
    expect(mayTryAgain(['unauthorized'], false)).toBe(true);
    expect(mayTryAgain(['unauthorized', 'limited'], false)).toBe(false);
  });

  test('never more than three costly attempts and ten accounts, in whatever order', () => {
    const kinds = fc.array(fc.constantFrom<VerdictKind>(...costly, 'limited', 'unauthorized'), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(kinds, fc.boolean(), (verdicts, replayable) => {
        let asked = 0;
        while (asked < verdicts.length && mayTryAgain(verdicts.slice(0, asked), replayable)) asked += 1;
        const sent = verdicts.slice(0, asked);
        expect(sent.length).toBeLessThanOrEqual(10);
        expect(sent.filter((kind) => costly.includes(kind)).length).toBeLessThanOrEqual(replayable ? 3 : 1);
      }),
      { numRuns },
    );
  });
});

test('the back-off starts at 1 s, doubles, and stays at 60 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 1000].map(backOff)).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
  expect(backOff(0)).toBe(1000);
});
