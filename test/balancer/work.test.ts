import { describe, expect, test } from 'vitest';
import { cacheLives } from '../../source/balancer/warmth.ts';
import { workAhead, workOf } from '../../source/balancer/work.ts';
import { noTokens } from '../../source/shared/types.ts';

describe('work', () => {
  test('is counted by what was done with each token, and by the model', () => {
    const tokens = { input: 100, output: 10, cacheRead: 1000, cacheWrite5m: 40, cacheWrite1h: 5 };
    expect(workOf('claude-haiku-4-5', tokens)).toBeCloseTo(100 + 50 + 100 + 50 + 10);
    expect(workOf('claude-opus-5-5', tokens)).toBeCloseTo(5 * 310);
    expect(workOf('claude-fable-5', tokens)).toBeGreaterThan(workOf('claude-opus-5-5', tokens));
    expect(workOf(null, tokens)).toBe(workOf('of nobody we know', tokens));
  });

  test('that nobody has counted is none', () => {
    expect(workOf('claude-opus-5-5', noTokens)).toBe(0);
    expect(workOf(null, { ...noTokens, input: 4 })).toBe(10);
  });

  test('ahead is as much as writing the prompt four times, which costs more for an hour', () => {
    expect(workAhead('claude-haiku-4-5', 1000, cacheLives.short)).toBe(5000);
    expect(workAhead('claude-haiku-4-5', 1000, cacheLives.long)).toBe(8000);
    expect(workAhead('claude-opus-5-5', 0, cacheLives.long)).toBe(0);
  });
});
