import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../source/simulate/figures.ts';
import type { Outcome } from '../../source/simulate/outcome.ts';
import { replay, type ReplayOptions } from '../../source/simulate/replay.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { strategyNames } from '../../source/shared/types.ts';
import { scenario, smallTrace, smallWorld, traceOf, worldOf } from './samples.ts';

const options = (changes: Partial<ReplayOptions> = {}): ReplayOptions => ({
  strategy: 'sticky',
  holdMs: 0,
  random: seededRandom(1),
  ...changes,
});

const outcomesOf = (trace: object, world: object, changes: Partial<ReplayOptions> = {}): readonly Outcome[] =>
  replay(traceOf(trace), worldOf(world), options(changes)).outcomes;

describe('a trace that happens once more', () => {
  test('moves on from a spent account after what a failover costs, and stays where it then is', () => {
    expect(outcomesOf(smallTrace(), smallWorld())).toEqual([
      { id: 0, outcome: 'served', account: 'a', at: 0, attempts: [] },
      { id: 1, outcome: 'served', account: 'b', at: 2000, attempts: [] },
      { id: 2, outcome: 'served', account: 'b', at: 400_000, attempts: [] },
      { id: 3, outcome: 'served', account: 'b', at: 401_000, attempts: [] },
    ]);
  });

  test('learns from a 429 what it could not know', () => {
    // The headers of the first answer come after the second request has gone out.
    const world = smallWorld({ policy: { maxHoldMs: 0, failoverMs: 300, firstByteMs: 900 } });
    const requests = [
      [0, 0, 0, 0, 0, 0, 0, 10_000, 100, 1000, -1, 0],
      [10, 1, 0, 1, 0, 0, 0, 10_000, 100, 1000, -1, 0],
    ];
    expect(outcomesOf(smallTrace({ requests }), world)[1]).toEqual({
      id: 1,
      outcome: 'served',
      account: 'b',
      at: 310,
      attempts: [{ account: 'a', at: 10 }],
    });
  });

  const alone = (lengthMs: number) =>
    smallWorld({
      accounts: [
        {
          name: 'a',
          kind: 'plan',
          windows: [{ id: '5h', kind: 'first-use', lengthMs, capacityUsd: 0.1, models: null }],
        },
      ],
    });

  test('refuses what nobody can serve, and what would have come behind it in the same prompt never comes', () => {
    const requests = [
      [0, 0, 0, 0, 0, 0, 0, 10_000, 100, 100, -1, 0],
      [2000, 0, 0, 0, 0, 0, 0, 10_000, 100, 100, 0, 0],
      [3000, 0, 0, 0, 0, 0, 0, 10_000, 100, 100, 1, 0],
      [3500, 0, 0, 1, 0, 0, 0, 10_000, 100, 100, 2, 0],
    ];
    expect(outcomesOf(smallTrace({ requests }), alone(3_600_000)).map(({ outcome }) => outcome)).toEqual([
      'served',
      'refused',
      'cancelled',
      'refused',
    ]);
  });

  test('holds a request until the reset, where that comes soon enough', () => {
    const requests = [
      [0, 0, 0, 0, 0, 0, 0, 10_000, 100, 100, -1, 0],
      [2000, 0, 0, 0, 0, 0, 0, 10_000, 100, 100, 0, 0],
    ];
    const held = outcomesOf(smallTrace({ requests }), alone(10_000), { holdMs: 20_000 })[1];
    expect(held).toMatchObject({ outcome: 'served', at: 10_020 });
    const refused = outcomesOf(smallTrace({ requests }), alone(10_000), { holdMs: 8000 })[1];
    expect(refused).toMatchObject({ outcome: 'refused', at: 2000 });
  });
});

describe('ten days of 15,000 requests', () => {
  const names = ['p2-mixed-4', 'p3-overload-3'];
  const scenarios = names.map((name) => scenario(name));

  test.each(strategyNames)(
    '%s: each request has one outcome, none before its time, none held too long',
    (strategy) => {
      const { trace, world } = scenarios[0] ?? scenario(names[0] ?? '');
      const { maxHoldMs, failoverMs } = world.policy;
      const { outcomes } = replay(trace, world, options({ strategy, holdMs: maxHoldMs }));
      expect(outcomes.map(({ id }) => id)).toEqual(trace.requests.map(({ id }) => id));
      const ends = new Map<number, number>();
      for (const outcome of outcomes) {
        const request = trace.requests[outcome.id];
        if (request === undefined || outcome.outcome === 'cancelled') continue;
        const arrival = Math.max(request.at, (ends.get(request.after) ?? -Infinity) + request.gapMs);
        const attempts = outcome.attempts.map(({ at }) => at);
        expect([...attempts, outcome.at].every((at) => at >= arrival)).toBe(true);
        expect(outcome.at - arrival).toBeLessThanOrEqual(maxHoldMs + (attempts.length + 1) * failoverMs);
        if (outcome.outcome === 'served') ends.set(outcome.id, outcome.at + request.durMs);
      }
    },
  );

  test('come out the same each time', () => {
    const { trace, world } = scenarios[1] ?? scenario(names[1] ?? '');
    const again = (): readonly Outcome[] => replay(trace, world, options()).outcomes;
    expect(again()).toEqual(again());
  });

  test('sticky serves nearly all that is possible, and keeps the caches warm', () => {
    const figures = scenarios.map(({ trace, world }) => {
      const done = replay(trace, world, options({ holdMs: world.policy.maxHoldMs }));
      return figuresOf(trace, world, 'sticky', done);
    });
    for (const { boundShare, cacheInflation, attempts429, served } of figures) {
      expect(boundShare).toBeGreaterThan(0.965);
      expect(cacheInflation).toBeLessThan(0.06);
      expect(attempts429 / served).toBeLessThan(0.001);
    }
    expect(figures.reduce((sum, { cacheInflation }) => sum + cacheInflation, 0) / 2).toBeLessThan(0.035);
  });

  test('sticky refuses less than three quarters of what the other strategies do, and nobody serves more', () => {
    const { trace, world } = scenarios[0] ?? scenario(names[0] ?? '');
    const all = strategyNames.map((strategy) => {
      const done = replay(trace, world, options({ strategy, holdMs: world.policy.maxHoldMs }));
      return figuresOf(trace, world, strategy, done);
    });
    const [sticky, simple, ...others] = all;
    if (sticky === undefined || simple === undefined) throw new Error('no figures');
    for (const { refused, boundShare } of others) {
      expect(sticky.refused).toBeLessThan(0.75 * refused);
      expect(sticky.boundShare).toBeGreaterThan(boundShare ?? 1);
    }
    expect(sticky.cacheInflation).toBeLessThan(simple.cacheInflation);
  });
});
