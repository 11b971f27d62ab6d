import { expect, test } from 'vitest';
import type { StrategyName } from '../../source/shared/types.ts';
import type { World } from '../../source/simulate/accounts.ts';
import { figuresOf, type Figures } from '../../source/simulate/figures.ts';
import { replay } from '../../source/simulate/replay.ts';
import type { Trace } from '../../source/simulate/trace.ts';
import { smallTrace, smallWorld, traceOf, worldOf } from './samples.ts';

/** Of that trace, on these accounts. */
const figuresWith = (trace: Trace, world: World, strategy: StrategyName): Figures =>
  figuresOf(trace, world, strategy, replay(trace, world, { strategy, holdMs: 0, random: () => 0 }));

test('the figures of a trace that can be reckoned by hand', () => {
  const trace = traceOf(smallTrace());
  const world = worldOf(smallWorld());
  const figures = figuresWith(trace, world, 'sticky');
  // a: 10,000 written; b: 12,000 written, then 14,000 cold, then 4,000 behind the shared 1,000.
  const write = 10_000 + 12_000 + 14_000 + 4000;
  expect(figures).toMatchObject({
    trace: 'small',
    requests: 4,
    served: 4,
    refused: 0,
    cancelled: 0,
    waitedMs: 0,
    moves: 1,
    warmMoves: 1,
    attempts429: 0,
    cacheReadTokens: 1000,
    cacheWriteTokens: write,
    outputTokens: 310,
    apiCostUsd: 0,
    servedShare: 1,
    boundUsd: 1,
  });
  expect(figures.costUsd).toBeCloseTo((write * 12.5 + 1000 + 310 * 50) / 1e6, 9);
  const nominal = ((10_000 + 2000 + 14_000 + 4000) * 12.5 + 11_000 + 310 * 50) / 1e6;
  expect(figures.servedUsd).toBeCloseTo(nominal, 9);
  expect(figures.boundShare).toBeCloseTo(nominal, 9);
  const input = write * 12.5 + 1000;
  expect(figures.cacheInflation).toBeCloseTo(input / (30_000 * 12.5 + 11_000) - 1, 9);
});

test('what a refusal costs: the work behind it, and the quota that a reset then takes away', () => {
  const fixed = { id: '7d', kind: 'fixed', lengthMs: 3_600_000, models: null, resetAtMs: 100_000 };
  const world = worldOf(
    smallWorld({
      accounts: [{ name: 'a', kind: 'plan', windows: [{ ...fixed, capacityUsd: 1, usedUsd: 1 }] }],
      bound: undefined,
    }),
  );
  const trace = traceOf(smallTrace());
  const figures = figuresWith(trace, world, 'sticky');
  expect(figures).toMatchObject({ refused: 1, cancelled: 1, served: 2, boundUsd: null, boundShare: null });
  expect(figures.servedShare).toBeLessThan(1);
  // 14,000 tokens written, 5,000 of which 1,000 are shared, and two answers, before the next reset.
  const used = (14_000 * 12.5 + 4000 * 12.5 + 1000 + 110 * 50) / 1e6;
  expect(figures.expiredUnused).toBeCloseTo(1 - used, 9);
  // What was lost was lost before that window began.
  expect(figures.expiredWhileRefused).toBe(0);
});

test('money is that of the accounts that cost some by the token', () => {
  const api = { name: 'key', kind: 'api', windows: [], inputTokensPerMin: 1e6, outputTokensPerMin: 1e6 };
  const world = worldOf(smallWorld({ accounts: [api] }));
  const trace = traceOf(smallTrace());
  const figures = figuresWith(trace, world, 'spread');
  expect(figures.apiCostUsd).toBe(figures.costUsd);
  expect(figures.boundShare).toBe(0);
});
