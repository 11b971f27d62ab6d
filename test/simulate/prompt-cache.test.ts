import { describe, expect, test } from 'vitest';
import { billOf, nominalBills, PromptCache } from '../../source/simulate/prompt-cache.ts';
import { smallTrace, traceOf } from './samples.ts';

const trace = traceOf(smallTrace());
const [first, second, third, other] = trace.requests as [
  (typeof trace.requests)[number],
  (typeof trace.requests)[number],
  (typeof trace.requests)[number],
  (typeof trace.requests)[number],
];

describe('a prompt cache', () => {
  test('holds what the chain said last, and the beginning that chains share', () => {
    const cache = new PromptCache(trace);
    expect(cache.readable(first, 0)).toBe(0);
    cache.store(first, 0);
    expect(cache.readable(second, 2000)).toBe(10_000);
    expect(cache.readable(other, 2000)).toBe(1000);
  });

  test('forgets both after its life, and what was said before a compaction at once', () => {
    const cache = new PromptCache(trace);
    cache.store(first, 0);
    expect(cache.readable(third, 299_999)).toBe(10_000);
    expect(cache.readable(third, 300_000)).toBe(0);
    expect(cache.isWarm('0/0', 300_000)).toBe(false);
    expect(cache.readable({ ...second, epoch: 1 }, 2000)).toBe(1000);
    expect(cache.isWarm('0/0', 2000)).toBe(true);
  });

  test('gives no more than the prompt has', () => {
    const cache = new PromptCache(trace);
    cache.store(first, 0);
    expect(cache.readable({ ...second, prompt: 500 }, 1)).toBe(500);
  });
});

test('a bill is what the price table says', () => {
  expect(billOf(trace, first, 4000)).toEqual({
    read: 4000,
    write: 6000,
    input: (4000 * 1 + 6000 * 12.5) / 1e6,
    total: (4000 * 1 + 6000 * 12.5 + 100 * 50) / 1e6,
  });
  const hour = traceOf(smallTrace({ cacheTtl: '1h' }));
  expect(billOf(hour, first, 0).input).toBeCloseTo((10_000 * 20) / 1e6);
});

test('nominal bills are those of one account that is never left', () => {
  expect(nominalBills(trace).map(({ read }) => read)).toEqual([0, 10_000, 0, 1000]);
});
