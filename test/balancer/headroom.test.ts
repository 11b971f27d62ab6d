import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choose } from '../../source/balancer/choose.ts';
import { createHeadroom, withRoom } from '../../source/balancer/headroom.ts';
import type { LimitWindow, StrategyName } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { candidate, day, idOf, later, now, window } from './sample.ts';

const opus = 'claude-opus-5-5';
const five = (utilization: number, changes: Partial<LimitWindow> = {}): LimitWindow =>
  window('5h', { utilization, ...changes });
const week = (utilization: number): LimitWindow => window('7d', { utilization, resetsAt: later(3 * day) });

/** Answers that told of these windows, each after so much work. */
const learned = (...answers: readonly (readonly [work: number, windows: LimitWindow[]])[]) => {
  const headroom = createHeadroom();
  for (const [work, windows] of answers) {
    headroom.spent(idOf('a'), opus, work);
    headroom.told(idOf('a'), windows);
  }
  const room = (windows: LimitWindow[], model: string | null = opus): number =>
    headroom.roomOf(candidate('a', { windows }), model, now);
  return { headroom, room };
};

describe('the room of an account', () => {
  test('is what was spent for each share, times what is left', () => {
    const { room } = learned([50, [five(0.1)]], [100, [five(0.15)]], [300, [five(0.3)]]);
    // 400 for 20 %: 2000 in all. What was spent before the first answer tells nothing.
    expect(room([five(0.3)])).toBeCloseTo(1400);
    expect([room([five(1)]), room([five(1.02)])]).toEqual([0, 0]);
  });

  test('is unknown before the share has risen by 2 %, and of an account that nobody has heard of', () => {
    const { room, headroom } = learned([0, [five(0.1)]], [100, [five(0.11)]]);
    expect(room([five(0.11)])).toBe(Infinity);
    expect(headroom.roomOf(candidate('b', { windows: [five(0.9)] }), opus, now)).toBe(Infinity);
    headroom.spent(idOf('b'), opus, 5);
    headroom.told(idOf('b'), []);
    expect(headroom.roomOf(candidate('b', { windows: [five(0.9)] }), opus, now)).toBe(Infinity);
  });

  test('is that of the fullest window; a week that has told nothing holds eight short windows', () => {
    const { room } = learned([0, [five(0.1), week(0.5)]], [100, [five(0.2), week(0.5)]]);
    expect(room([five(0.2), week(0.5)])).toBeCloseTo(800);
    expect(room([five(0.2), week(0.95)])).toBeCloseTo(400);
  });

  test('goes by windows of the model that are open', () => {
    const oi = window('7d_oi', { scope: 'fable', utilization: 0.5, resetsAt: later(day) });
    const { headroom, room } = learned([0, [five(0.1), oi]], [100, [five(0.2), oi]]);
    headroom.spent(idOf('a'), 'claude-fable-5', 50);
    headroom.told(idOf('a'), [five(0.25), { ...oi, utilization: 0.6 }]);
    expect(room([five(0.25), { ...oi, utilization: 0.6 }])).toBeCloseTo(750);
    expect(room([five(0.25), { ...oi, utilization: 0.6 }], 'claude-fable-5')).toBeCloseTo(200);
    expect(room([five(0.25, { resetsAt: now })])).toBe(Infinity);
    expect(room([five(0.25, { utilization: null })])).toBe(Infinity);
  });

  test('is learned on over a reset, and an answer that comes late does not count', () => {
    const next = { resetsAt: later(6 * 3_600_000) };
    const { room } = learned(
      [0, [five(0.1)]],
      [100, [five(0.2)]],
      [500, [five(0.05, next)]],
      [90, [five(0.15, next)]],
      [0, [five(0.1, next)]],
      [10, [five(0.25, next)]],
    );
    // 100 for 10 %, then 90 for 10 %, then 10 for 10 %.
    expect(room([five(0.25, next)])).toBeCloseTo((200 / 0.3) * 0.75);
  });

  test('is learned although the server rounds the reset now and then otherwise', () => {
    const answers = Array.from({ length: 6 }, (_, n) => {
      const resetsAt = later(3_600_000 + (n % 2) * 1000);
      return [100, [five(0.1 + n / 20, { resetsAt })]] as [number, LimitWindow[]];
    });
    // 500 for 25 %.
    expect(learned(...answers).room([five(0.35)])).toBeCloseTo(2000 * 0.65);
  });

  test('begins anew in the next period, however short they are', () => {
    const next = { resetsAt: later(50_000), seenAt: later(30_000) };
    const { room } = learned(
      [0, [five(0.1, { resetsAt: later(20_000) })]],
      [100, [five(0.9, { resetsAt: later(20_000) })]],
      [7, [five(0.1, next)]],
      [80, [five(0.9, next)]],
    );
    // 180 for 160 %.
    expect(room([five(0.9, next)])).toBeCloseTo((180 / 1.6) * 0.1);
  });

  test('is forgotten with its account', () => {
    const { headroom, room } = learned([0, [five(0.1)]], [100, [five(0.2)]]);
    headroom.forget(idOf('a'));
    expect(room([five(0.2)])).toBe(Infinity);
  });

  test.each([
    [1e308, 0.1],
    [1e308, 1e308],
    [1, 1e308],
    [1e307, 0.1],
  ])('is a number where the figures are too large to add up: %d of work, %d of a share', (work, rise) => {
    const next = { resetsAt: later(6 * 3_600_000) };
    const { room } = learned(
      [0, [five(0)]],
      [work, [five(rise)]],
      [0, [five(0, next)]],
      [work, [five(rise, next)]],
    );
    for (const windows of [[five(0.5)], [five(1)], [week(1)]]) {
      expect(room(windows)).toBeGreaterThanOrEqual(0);
    }
  });

  test('is never below zero and never no number, whatever answers tell', () => {
    const shares = fc.double({ min: 0, max: 2, noNaN: true });
    const answers = fc.array(fc.tuple(fc.double(), fc.option(shares), fc.boolean()), { maxLength: 20 });
    fc.assert(
      fc.property(answers, shares, (list, at) => {
        const { room } = learned(
          ...list.map(
            ([work, utilization, soon]) =>
              [work, [five(0, { utilization, ...(soon ? { resetsAt: later(1) } : {}) })]] as [
                number,
                LimitWindow[],
              ],
          ),
        );
        expect(room([five(at)])).toBeGreaterThanOrEqual(0);
      }),
      { numRuns },
    );
  });
});

describe('new work', () => {
  const pool = ['a', 'b', 'c'].map((name) => candidate(name, { windows: [week(0.1)] }));
  const rooms: Record<string, number> = { a: 10, b: 100, c: Infinity };
  const names = (need: number, table = rooms): string[] =>
    withRoom(
      pool,
      ({ record: { name } }) => table[name] ?? 0,
      () => need,
    ).map(({ record: { name } }) => name);

  test('goes where there is room for it; where nobody has enough, to the one with most', () => {
    expect([names(5), names(50), names(500)]).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
    expect(names(500, { a: 10, b: 100, c: 99 })).toEqual(['b']);
    expect(names(5, { a: 0, b: 0, c: 0 })).toEqual(['a', 'b', 'c']);
  });

  test('is not measured where nobody’s room is known', () => {
    const unasked = (): number => {
      throw new Error('asked');
    };
    expect(withRoom(pool, () => Infinity, unasked)).toBe(pool);
    expect(withRoom(pool.slice(0, 1), () => 1, unasked)).toHaveLength(1);
  });

  const pick = (strategy: StrategyName, more: object = {}) => {
    const roomy = { roomOf: ({ record: { name } }: (typeof pool)[0]) => rooms[name] ?? 0, need: () => 50 };
    const base = { model: opus, session: true, home: null, tried: new Set<never>(), mayProbe: false };
    return choose(pool, { ...base, ...roomy, ...more }, strategy, now);
  };

  test('with sticky: not to the account that is too full, and the decision says so; other strategies do not ask', () => {
    const choice = pick('sticky');
    expect(choice).toMatchObject({ kind: 'use', candidate: { record: { name: 'b' } } });
    expect(choice.decision.considered.map(({ verdict }) => verdict.split(':')[0])).toEqual([
      'full',
      'chosen',
      'eligible',
    ]);
    expect(pick('sticky-simple')).toMatchObject({ candidate: { record: { name: 'a' } } });
  });

  test('is no conversation that is warm: that stays, however full its account is', () => {
    expect(pick('sticky', { home: idOf('a') })).toMatchObject({ candidate: { record: { name: 'a' } } });
  });
});
