import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { isSpent, readLimits, type Headers } from '../../source/balancer/limits.ts';
import { judge } from '../../source/balancer/retry-policy.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { day, fixture, later, now, reading, window } from './sample.ts';

const unified = (fields: Record<string, string>): Headers =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`anthropic-ratelimit-unified-${name}`, value]),
  );

const inAnHour = String(later(3_600_000) / 1000);

describe('windows of a plan', () => {
  test('each window is read with its share, its word and its reset', () => {
    const { windows } = reading(fixture('unified-warning').headers);
    expect(windows.map(({ id, scope, utilization, status }) => [id, scope, utilization, status])).toEqual([
      ['5h', null, 0.42, 'allowed'],
      ['7d', null, 0.94, 'allowed_warning'],
    ]);
    expect(windows.map(({ resetsAt }) => resetsAt)).toEqual([1_795_330_800_000, 1_795_737_600_000]);
    expect(windows.every(({ seenAt, source }) => seenAt === now && source === 'header')).toBe(true);
  });

  test('a window the server invents tomorrow is read like the others', () => {
    const { windows } = reading(
      unified({ '30d-status': 'allowed', '30d-reset': inAnHour, '30d-utilization': '0.5' }),
    );
    expect(windows).toEqual([window('30d', { utilization: 0.5 })]);
  });

  test('paid overage and grace are windows like the others where they have a figure, and nobody waits for them', () => {
    const told = reading(fixture('unified-200-but-rejected-overage').headers).windows.at(-1);
    expect(told).toMatchObject({ id: 'overage', scope: null, utilization: 0.1, status: 'allowed' });
    // The month of overage ends later than any window of a plan.
    expect(told?.resetsAt).toBe(1_796_083_200_000);
    const grace = { 'grace-status': 'x', 'grace-5h-utilization': '0.9', 'grace-7d-utilization': '1.2' };
    const monthly = { 'overage-period-monthly-utilization': '0.2', 'overage-utilization': '1' };
    const { windows, spent } = reading(unified({ ...grace, ...monthly, 'overage-reset': inAnHour }));
    expect(windows.map(({ id, utilization }) => [id, utilization])).toEqual([
      ['grace-5h', 0.9],
      ['grace-7d', 1.2],
      ['overage-period-monthly', 0.2],
      ['overage', 1],
    ]);
    expect(spent).toEqual([]);
    expect(windows.some((each) => isSpent({ ...each, resetsAt: later(1) }, now))).toBe(false);
  });

  test('overage that is off, slow lane and fallback are not windows', () => {
    const ids = reading(fixture('unified-allowed').headers).windows.map(({ id }) => id);
    expect(ids).toEqual(['5h', '7d']);
    const odd = {
      'slow-status': 'active',
      'slow-budget-utilization': '0.1',
      'slow-budget-reset': inAnHour,
      'overage-status': 'rejected',
      'fallback-percentage': '0.5',
      '5h-surpassed-threshold': '0.75',
      remaining: '7',
      '5h-remaining': '3',
      'representative-claim': 'five_hour',
      'upgrade-paths': 'x',
    };
    expect(reading(unified(odd)).windows).toEqual([]);
  });

  test('a scoped window carries the word that its models contain', () => {
    const scopes = reading(
      unified({ '7d_oi-status': 'allowed', '7d_opus-status': 'allowed', '7d-status': 'allowed' }),
    ).windows.map(({ id, scope }) => [id, scope]);
    expect(scopes).toEqual([
      ['7d_oi', 'fable'],
      ['7d_opus', 'opus'],
      ['7d', null],
    ]);
  });

  test('a share over one is kept, a negative one is none', () => {
    const shares = reading(
      unified({ 'a-utilization': '1.08', 'b-utilization': '-0.0', 'c-utilization': '-3' }),
    );
    expect(shares.windows.map(({ utilization }) => utilization)).toEqual([1.08, 0, 0]);
  });
});

describe('windows of an API key', () => {
  test('a share comes from limit and remaining, the reset from RFC 3339', () => {
    const { windows, spent, retryAfterMs, rejectedUntil } = reading(fixture('classic-apikey').headers);
    expect(windows.map(({ id }) => id)).toEqual(['requests', 'tokens', 'input-tokens', 'output-tokens']);
    expect(windows[0]?.utilization).toBeCloseTo(0.001);
    expect(windows[0]?.resetsAt).toBe(Date.UTC(2026, 10, 22, 2, 30));
    expect(windows.every(({ status, scope }) => status === null && scope === null)).toBe(true);
    expect([spent, retryAfterMs, rejectedUntil]).toEqual([[], null, null]);
  });

  const share = (limit: string, remaining: string): number | null | undefined =>
    reading({ 'anthropic-ratelimit-tokens-limit': limit, 'anthropic-ratelimit-tokens-remaining': remaining })
      .windows[0]?.utilization;

  test('more remaining than the limit (rounded to thousands) is nothing used, not less', () => {
    expect(share('1500', '2000')).toBe(0);
  });

  test('a share that cannot be known is unknown, not zero', () => {
    expect(share('0', '0')).toBeNull();
    expect(share('many', '5')).toBeNull();
    expect(share('5', '')).toBeNull();
  });

  test('an empty bucket is full again soon: it does not count as spent', () => {
    const { spent } = reading({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-22T04:00:30Z',
    });
    expect(spent).toEqual([]);
  });
});

describe('a spent window', () => {
  test.each([
    ['unified-rejected-5h', ['5h']],
    ['unified-rejected-7d', ['7d']],
    ['unified-rejected-scoped-7d_oi', ['7d_oi']],
    ['unified-allowed', []],
    ['unified-warning', []],
    ['unified-overage-only', []],
    ['unified-rejected-out-of-credits', []],
  ])('%s: %j', (name, ids) => {
    expect(reading(fixture(name).headers).spent.map(({ id }) => id)).toEqual(ids);
  });

  test('is served from paid overage while that is in use', () => {
    const { spent, overage } = reading(fixture('unified-200-but-rejected-overage').headers);
    expect(spent).toEqual([]);
    expect(overage).toBe(true);
    expect(reading(fixture('unified-allowed').headers).overage).toBe(false);
    expect(reading({ 'request-id': 'req_1' }).overage).toBeNull();
  });

  test('is one whose share has run out, whatever its word is, and even without one', () => {
    for (const status of ['allowed', 'allowed_warning', 'queueing_soft', null]) {
      expect(isSpent(window('5h', { status, utilization: 1 }), now)).toBe(true);
      expect(isSpent(window('5h', { status, utilization: 0.99 }), now)).toBe(false);
    }
    expect(reading(unified({ '5h-utilization': '1.01', '5h-reset': inAnHour })).spent).toHaveLength(1);
  });

  test('is one that was rejected, whatever its share is', () => {
    for (const utilization of [null, 0, 0.4, 1.2]) {
      expect(isSpent(window('5h', { status: 'rejected', utilization }), now)).toBe(true);
    }
  });

  test('opens again at its own reset, and an unknown reset holds nobody', () => {
    const rejected = window('5h', { status: 'rejected', resetsAt: later(1000) });
    expect(isSpent(rejected, later(999))).toBe(true);
    expect(isSpent(rejected, later(1000))).toBe(false);
    expect(isSpent({ ...rejected, resetsAt: null }, now)).toBe(false);
  });

  test('an unknown status word is soft', () => {
    expect(isSpent(window('5h', { status: 'resting', utilization: 0.98 }), now)).toBe(false);
  });
});

describe('a refusal without a window', () => {
  test('carries the reset of the whole account', () => {
    expect(reading(fixture('unified-rejected-5h').headers).rejectedUntil).toBe(1_795_330_800_000);
    expect(reading(fixture('unified-warning').headers).rejectedUntil).toBeNull();
    expect(reading(unified({ status: 'rejected' })).rejectedUntil).toBeNull();
  });
});

describe('a reset', () => {
  const reset = (text: string): number | null | undefined =>
    reading(unified({ '5h-reset': text })).windows[0]?.resetsAt;

  test.each([
    ['seconds', '1795330800', 1_795_330_800_000],
    ['seconds with a fraction', '1795330800.5', 1_795_330_800_500],
    ['milliseconds', '1795330800123', 1_795_330_800_123],
    ['RFC 3339', '2026-11-22T07:00:00Z', 1_795_330_800_000],
    ['RFC 3339 with an offset', '2026-11-22T08:00:00.250+01:00', 1_795_330_800_250],
    ['an HTTP date', 'Sun, 22 Nov 2026 07:00:00 GMT', 1_795_330_800_000],
  ])('is understood as %s', (_, text, expected) => expect(reset(text)).toBe(expected));

  test.each(['', ' ', '0', '-5', 'soon', 'NaN', 'Infinity', 'in 2099', 'May 7', '{}'])(
    '%j is unknown',
    (text) => expect(reset(text)).toBeNull(),
  );

  test('is never further than eight days away', () => {
    for (const text of ['99999999999', '9999999999999999', '2099-01-01T00:00:00Z', '1e300']) {
      expect(reset(text)).toBe(now + 8 * day);
    }
  });
});

describe('Retry-After', () => {
  const wait = (text: string): number | null => reading({ 'retry-after': text }).retryAfterMs;

  test.each([
    ['7', 7000],
    [' 7 ', 7000],
    ['0.5', 500],
    ['51811', 51_811_000],
    ['Sun, 22 Nov 2026 04:01:00 GMT', 60_000],
    ['Sunday, 22-Nov-26 04:01:00 GMT', 60_000],
    ['Sun Nov 22 04:01:00 2026', 60_000],
    ['2026-11-22T04:01:00Z', 60_000],
  ])('%j is %i ms', (text, ms) => expect(wait(text)).toBe(ms));

  test.each(['0', '-1', '', 'Sun, 22 Nov 2026 03:59:59 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT'])(
    '%j is past and counts as absent',
    (text) => expect(wait(text)).toBeNull(),
  );

  test.each([
    'soon',
    '7000x',
    '1e3',
    '1e12',
    '0x10',
    'NaN',
    'Infinity',
    'in 2099',
    'abc 2099',
    'May 2099',
    '7, 9',
    'Sun, 99 Nov 2026 04:01:00 GMT',
  ])('%j is no time and counts as absent', (text) => expect(wait(text)).toBeNull());

  test('is never longer than eight days', () => {
    for (const text of ['2592000', '1000000000000', 'Thu, 01 Jan 2099 00:00:00 GMT']) {
      expect([text.slice(0, 40), wait(text)]).toEqual([
        text.slice(0, 40),
        text.length > 300 ? null : 8 * day,
      ]);
    }
  });

  test('retry-after-ms is more exact and comes first; an unreadable one leaves the word to retry-after', () => {
    expect(reading({ 'retry-after-ms': '1500', 'retry-after': '9' }).retryAfterMs).toBe(1500);
    expect(reading({ 'retry-after-ms': 'x', 'retry-after': '9' }).retryAfterMs).toBe(9000);
    expect(reading({ 'retry-after-ms': '0', 'retry-after': '9' }).retryAfterMs).toBe(9000);
  });

  test('of a repeated header the first counts', () => {
    expect(reading({ 'retry-after': ['3', '90'] }).retryAfterMs).toBe(3000);
  });
});

describe('the zone of the machine', () => {
  const before = process.env['TZ'];
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  // Around both changes of the clocks, on a leap day, at the end of a year.
  const moments = [
    '2026-03-08T07:30:00Z',
    '2026-03-29T01:30:00Z',
    '2026-10-25T01:30:00Z',
    '2026-11-01T06:30:00Z',
  ];
  const others = ['2028-02-29T12:00:00Z', '2026-12-31T23:59:30Z'];

  test.each([...moments, ...others])('changes no reset and no wait at %s', (text) => {
    const at = Date.parse(text);
    const headers = {
      'anthropic-ratelimit-unified-5h-status': 'allowed',
      'anthropic-ratelimit-unified-5h-reset': String((at + 3_600_000) / 1000),
      'anthropic-ratelimit-requests-limit': '10',
      'anthropic-ratelimit-requests-remaining': '5',
      'anthropic-ratelimit-requests-reset': new Date(at + 60_000).toISOString().replace('.000', ''),
      'retry-after': new Date(at + 90_000).toUTCString(),
    };
    const readings = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Apia'].map(
      (zone) => {
        process.env['TZ'] = zone;
        return readLimits(headers, asEpoch(at));
      },
    );
    expect(readings[0]?.retryAfterMs).toBe(90_000);
    expect(readings[0]?.windows.map(({ resetsAt }) => resetsAt)).toEqual([at + 3_600_000, at + 60_000]);
    for (const each of readings) expect(each).toEqual(readings[0]);
  });
});

test('an answer without such headers says nothing', () => {
  expect(reading({ 'content-type': 'application/json', 'set-cookie': ['a=1'] })).toEqual({
    windows: [],
    spent: [],
    status: null,
    claim: null,
    outOfCredits: false,
    overage: null,
    rejectedUntil: null,
    retryAfterMs: null,
  });
});

test('a credential that a server says back in any header of limits is told to nobody', () => {
  const secret = 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz';
  const prefix = 'anthropic-ratelimit-unified';
  const names = [
    'status',
    'reset',
    'representative-claim',
    'overage-disabled-reason',
    '5h-status',
    '5h-reset',
    `${secret}-status`,
  ];
  const headers = {
    ...Object.fromEntries(names.map((name) => [`${prefix}-${name}`, secret])),
    'retry-after': secret,
  };
  const limits = reading({ ...headers, [`anthropic-ratelimit-${secret}-limit`]: '5' });
  const claimed = reading({ [`${prefix}-status`]: 'rejected', [`${prefix}-representative-claim`]: secret });
  expect(limits.windows.map(({ id, status }) => [id, status])).toEqual([
    ['5h', '[secret]'],
    ['[secret]', '[secret]'],
    ['[secret]', null],
  ]);
  for (const said of [limits, claimed, judge(429, claimed, now)]) {
    expect(JSON.stringify(said)).not.toContain('abcdefghij');
  }
});

test('garbage never throws, and every number that comes out is one that can be shown and waited for', () => {
  const word = fc.constantFrom('unified', '5h', '7d_oi', 'overage', 'tokens', '-', 'status', '__proto__');
  const field = fc.constantFrom('status', 'reset', 'utilization', 'limit', 'remaining', 'in-use');
  const name = fc.oneof(
    fc
      .tuple(fc.array(word, { maxLength: 3 }), field)
      .map(([words, last]) => ['anthropic-ratelimit', ...words, last].join('-')),
    fc.constantFrom('retry-after', 'retry-after-ms', 'constructor'),
    fc.string(),
  );
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('rejected', 'true', '1', '-1', 'NaN', '1e999', '0'),
    fc.double().map(String),
    fc.date().map(String),
  );
  const value = fc.oneof(text, fc.array(text), fc.constant(undefined));
  fc.assert(
    fc.property(fc.dictionary(name, value), (headers) => {
      const { windows, spent, rejectedUntil, retryAfterMs } = readLimits(headers, now);
      const within = (ms: number | null, least: number, most: number): boolean =>
        ms === null || (ms > least && ms <= most);
      for (const { utilization, resetsAt, id } of windows) {
        expect(id).not.toBe('');
        expect(utilization).toSatisfy((share) =>
          within(share as number | null, -Number.MIN_VALUE, Number.MAX_VALUE),
        );
        const longest = /^(?:overage|grace)/.test(id) ? 62 * day : 8 * day;
        expect(resetsAt).toSatisfy((at) => within(at as number | null, 0, now + longest));
      }
      expect(spent.every((each) => windows.includes(each) && isSpent(each, now))).toBe(true);
      expect(within(rejectedUntil, 0, now + 8 * day)).toBe(true);
      expect(within(retryAfterMs, 0, 8 * day)).toBe(true);
    }),
    { numRuns },
  );
});
