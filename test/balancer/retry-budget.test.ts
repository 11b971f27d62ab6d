import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../source/balancer/retry-budget.ts';
import { numRuns } from '../kit/long-run.ts';

/** How many repeats it grants in a row at one moment. */
const granted = (budget: RetryBudget, now: number): number => {
  let count = 0;
  while (budget.spend(now)) count += 1;
  return count;
};

const busy = (requests: number, now = 0): RetryBudget => {
  const budget = new RetryBudget();
  for (let n = 0; n < requests; n += 1) budget.asked(now);
  return budget;
};

describe('the budget for repeats', () => {
  test.each([
    [0, 3],
    [1, 3],
    [15, 3],
    [19, 3],
    [20, 4],
    [50, 10],
    [1000, 200],
  ])('after %i requests in ten seconds grants %i', (requests, repeats) => {
    expect(granted(busy(requests), 9999)).toBe(repeats);
  });

  test('forgets requests and repeats after ten seconds, not before', () => {
    const budget = busy(100);
    expect(granted(budget, 0)).toBe(20);
    expect(granted(budget, 9999)).toBe(0);
    expect(granted(budget, 10_000)).toBe(3);
    expect(granted(budget, 19_999)).toBe(0);
    expect(granted(budget, 20_000)).toBe(3);
  });

  test('a clock that stands still, goes back or jumps grants nothing beyond it', () => {
    const budget = busy(50, 5000);
    expect(granted(budget, 5000)).toBe(10);
    expect(granted(budget, 100)).toBe(0);
    expect(granted(budget, 5000)).toBe(0);
    expect(granted(budget, 2 ** 45)).toBe(3);
  });

  test('in no ten seconds more than three, or a fifth of the requests of twice that time', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 20_000 })),
        requests: fc.integer({ min: 0, max: 30 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const budget = new RetryBudget();
        const asked: number[] = [];
        const repeats: number[] = [];
        let now = 0;
        for (const { wait, requests } of all) {
          now += wait;
          for (let n = 0; n < requests; n += 1) {
            budget.asked(now);
            asked.push(now);
          }
          for (let n = granted(budget, now); n > 0; n -= 1) repeats.push(now);
        }
        const within = (times: number[], end: number, ms: number): number =>
          times.filter((time) => time > end - ms && time <= end).length;
        for (const end of repeats) {
          // Its tenths of a second may be a tenth short.
          const most = Math.max(3, within(asked, end, 19_900) * 0.2);
          expect(within(repeats, end, 9900)).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns },
    );
  });
});
