import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetRefusal, createMeter, dayOf, tooSoon } from '../../source/proxy/key-limits.ts';
import { asEpoch } from '../../source/shared/types.ts';

const rate = (requestsPerMinute: number) => ({ requestsPerMinute, concurrent: null });

describe('requests a minute', () => {
  test('are let in up to the limit, and again when the first ones are a minute old', () => {
    const meter = createMeter();
    for (let i = 0; i < 3; i += 1) expect(meter.enter(rate(3), 10_500)).toBeNull();
    const wait = meter.enter(rate(3), 20_000);
    expect(wait).toEqual({ why: 'rate', ms: 51_000 });
    expect(meter.enter(rate(3), 20_000 + 50_999)).not.toBeNull();
    expect(meter.enter(rate(3), 20_000 + 51_000)).toBeNull();
  });

  test('never are more than the limit in any 60 seconds, and the wait that is named is enough', () => {
    const times = fc.array(fc.nat({ max: 9000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), times, (limit, steps) => {
        const meter = createMeter();
        const entered: number[] = [];
        const waits: number[] = [];
        let now = 0;
        let earliest: number | null = null;
        for (const step of steps) {
          now += step;
          const wait = meter.enter(rate(limit), now);
          earliest = wait === null ? null : now + wait.ms;
          if (wait === null) entered.push(now);
          waits.push(wait?.ms ?? 1);
        }
        expect(waits.every((ms) => ms > 0 && ms <= 61_000)).toBe(true);
        for (const at of entered) {
          expect(entered.filter((other) => other > at - 60_000 && other <= at).length).toBeLessThanOrEqual(
            limit,
          );
        }
        // Where nobody had to wait last, a minute later is soon enough.
        expect(meter.enter(rate(limit), earliest ?? now + 61_000)).toBeNull();
      }),
    );
  });

  test('do not count a request that was refused', () => {
    const meter = createMeter();
    expect(meter.enter(rate(1), 0)).toBeNull();
    for (let i = 0; i < 100; i += 1) meter.enter(rate(1), 59_000);
    expect(meter.enter(rate(1), 61_000)).toBeNull();
  });
});

test('requests at once are let in again when one has ended', () => {
  const meter = createMeter();
  const limits = { requestsPerMinute: null, concurrent: 2 };
  expect([meter.enter(limits, 0), meter.enter(limits, 0)]).toEqual([null, null]);
  expect(meter.enter(limits, 0)).toEqual({ why: 'concurrent', ms: 1000 });
  meter.leave();
  expect(meter.enter(limits, 0)).toBeNull();
});

test('who comes too soon is told when to come again', () => {
  const limits = { requestsPerMinute: 3, concurrent: 1 };
  expect(tooSoon('ci', { why: 'rate', ms: 1500 }, limits)).toEqual({
    code: 'key_limited',
    message: 'The key ci may make 3 requests a minute.',
    headers: { 'retry-after': '2', 'x-should-retry': 'true' },
  });
  expect(tooSoon('ci', { why: 'concurrent', ms: 1000 }, limits).message).toContain('1 requests under way');
});

describe('the budget of a day', () => {
  const noon = asEpoch(Date.UTC(2026, 10, 22, 12));
  const day = dayOf(noon);
  const limits = { dailyTokens: 100, dailyUsd: 1 };
  test.each([
    [null, null],
    [{ day, tokens: 99, usd: 0.99 }, null],
    [{ day, tokens: 100, usd: 0 }, '100 tokens'],
    [{ day, tokens: 0, usd: 1 }, '1 USD'],
    // Yesterday's.
    [{ day: day - 1, tokens: 1000, usd: 1000 }, null],
  ])('after %j', (spending, spent) => {
    const refusal = budgetRefusal('ci', limits, spending, noon);
    expect(refusal?.message.match(/its (.*) of this day/)?.[1] ?? null).toBe(spent);
    expect(refusal?.code ?? 'budget_spent').toBe('budget_spent');
    expect(refusal?.headers['retry-after'] ?? '43200').toBe('43200');
  });
});
