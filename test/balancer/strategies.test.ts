import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { strategies, type Candidate, type StrategyName } from '../../source/balancer/strategies.ts';
import { numRuns } from '../kit/long-run.ts';
import { candidate, later, now, window } from './sample.ts';

const order = (
  strategy: StrategyName,
  candidates: readonly Candidate[],
  model: string | null = null,
): string[] =>
  candidates
    .toSorted((a, b) => strategies[strategy].compare(a, b, model, now))
    .map(({ record }) => record.name);

describe('the table of strategies', () => {
  test('only sticky keeps a conversation where it is', () => {
    expect(Object.entries(strategies).map(([name, { affinity }]) => [name, affinity])).toEqual([
      ['sticky', true],
      ['spread', false],
    ]);
  });

  test.each(['sticky', 'spread'] as const)('%s: least used first, by the tightest window', (strategy) => {
    const pool = [
      candidate('half', {
        windows: [window('5h', { utilization: 0.1 }), window('7d', { utilization: 0.5 })],
      }),
      candidate('unknown'),
      candidate('third', { windows: [window('5h', { utilization: 0.3 })] }),
    ];
    expect(order(strategy, pool)).toEqual(['unknown', 'third', 'half']);
  });

  test('a window of other models does not count', () => {
    const pool = [
      candidate('a', { windows: [window('7d_opus', { scope: 'opus', utilization: 0.9 })] }),
      candidate('b', { windows: [window('7d', { utilization: 0.5 })] }),
    ];
    expect(order('sticky', pool, 'claude-sonnet-5-5')).toEqual(['a', 'b']);
    expect(order('sticky', pool, 'claude-opus-5-5')).toEqual(['b', 'a']);
  });

  test('of equally used ones the idler, then the one that was used longest ago', () => {
    const pool = [
      candidate('busy', { inFlight: 2 }),
      candidate('recent', { lastUsedAt: now }),
      candidate('before', { lastUsedAt: later(-1000) }),
      candidate('never'),
    ];
    expect(order('sticky', pool)).toEqual(['never', 'before', 'recent', 'busy']);
  });
});

test('every strategy is an order: nobody is before himself, and of two only one is first', () => {
  const any = fc.record({
    utilization: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
    inFlight: fc.nat(3),
    lastUsed: fc.option(fc.integer({ min: -10, max: 0 })),
  });
  const made = any.map(({ utilization, inFlight, lastUsed }) =>
    candidate('x', {
      windows: [window('5h', { utilization })],
      inFlight,
      lastUsedAt: lastUsed === null ? null : later(lastUsed),
    }),
  );
  fc.assert(
    fc.property(made, made, made, fc.constantFrom<StrategyName>('sticky', 'spread'), (a, b, c, name) => {
      const sign = (x: Candidate, y: Candidate): number =>
        Math.sign(strategies[name].compare(x, y, null, now));
      expect(sign(a, a)).toBe(0);
      expect(sign(a, b) + sign(b, a)).toBe(0);
      expect(sign(a, b) <= 0 && sign(b, c) <= 0 ? sign(a, c) <= 0 : true).toBe(true);
    }),
    { numRuns },
  );
});
