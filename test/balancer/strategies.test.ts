import { strategyNames, type AccountId, type StrategyName } from '../../source/shared/types.ts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compare,
  firstOf,
  strategies,
  type Candidate,
  type Moment,
} from '../../source/balancer/strategies.ts';
import { numRuns } from '../kit/long-run.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { candidate, day, idOf, later, now, window } from './sample.ts';

const moment = (changes: Partial<Moment> = {}): Moment => ({
  model: null,
  now,
  lottery: 0.5,
  knowsPrefix: () => false,
  ...changes,
});

const order = (
  strategy: StrategyName,
  candidates: readonly Candidate[],
  changes: Partial<Moment> = {},
): string[] =>
  candidates
    .toSorted((a, b) => compare(strategies[strategy], a, b, moment(changes)))
    .map(({ record }) => record.name);

const week = (utilization: number, days: number) =>
  window('7d', { utilization, resetsAt: later(days * day) });
const short = (utilization: number) => window('5h', { utilization });

describe('the table of strategies', () => {
  test('has every name that the settings take, and says which keep a conversation at its cache', () => {
    expect(Object.keys(strategies)).toEqual([...strategyNames]);
    const keeping = strategyNames.filter((name) => strategies[name].affinity === 'warm');
    expect(keeping).toEqual(['sticky', 'sticky-simple', 'drain', 'weighted', 'priority']);
  });

  test('sticky: where most of the week is left for each hour until its reset', () => {
    const pool = [
      candidate('fresh', { windows: [week(0.1, 7)] }),
      candidate('ending', { windows: [week(0.6, 1)] }),
      candidate('spent', { windows: [week(0.99, 0.2)] }),
      candidate('unknown'),
    ];
    expect(order('sticky', pool)).toEqual(['unknown', 'ending', 'fresh', 'spent']);
  });

  test('sticky: a short window that is nearly spent counts half against it', () => {
    const pool = [
      candidate('tired', { windows: [week(0.4, 3), short(0.9)] }),
      candidate('rested', { windows: [week(0.5, 3), short(0.1)] }),
    ];
    expect(order('sticky', pool)).toEqual(['rested', 'tired']);
  });

  test('sticky: a cache that knows the beginning is worth a little, sticky-simple does not ask', () => {
    const pool = [
      candidate('ahead', { windows: [week(0.4, 3)] }),
      candidate('knows', { windows: [week(0.5, 3)] }),
    ];
    const knowsPrefix = (account: AccountId): boolean => account === idOf('knows');
    expect(order('sticky', pool, { knowsPrefix })).toEqual(['knows', 'ahead']);
    expect(order('sticky-simple', pool, { knowsPrefix })).toEqual(['ahead', 'knows']);
    const far = [candidate('ahead', { windows: [week(0.1, 3)] }), pool[1]!];
    expect(order('sticky', far, { knowsPrefix })).toEqual(['ahead', 'knows']);
  });

  test('sticky: nobody looks at the beginning where no week is known', () => {
    const knowsPrefix = (): never => {
      throw new Error('asked');
    };
    expect(order('sticky', [candidate('a'), candidate('b')], { knowsPrefix })).toEqual(['a', 'b']);
  });

  test('drain: the week that ends first', () => {
    const pool = [
      candidate('later', { windows: [week(0.1, 5)] }),
      candidate('soon', { windows: [week(0.8, 1)] }),
      candidate('unknown'),
    ];
    expect(order('drain', pool)).toEqual(['unknown', 'soon', 'later']);
  });

  test('round-robin: the one that rested longest, priority: as they stand, session: the one used last', () => {
    const pool = [
      candidate('recent', { lastUsedAt: later(-1000) }),
      candidate('before', { lastUsedAt: later(-60_000) }),
      candidate('never'),
    ];
    expect(order('round-robin', pool)).toEqual(['never', 'before', 'recent']);
    expect(order('priority', pool)).toEqual(['recent', 'before', 'never']);
    expect(order('session', pool)).toEqual(['recent', 'before', 'never']);
  });

  test('session: after five hours without use another one may be better', () => {
    const pool = [
      candidate('yesterday', { lastUsedAt: later(-6 * 3_600_000), windows: [week(0.9, 5)] }),
      candidate('fresh', { windows: [week(0.1, 5)] }),
    ];
    expect(order('session', pool)).toEqual(['fresh', 'yesterday']);
  });

  test('weighted: each as often as its weight says', () => {
    const pool = [candidate('one', {}, { weight: 1 }), candidate('three', {}, { weight: 3 })];
    const random = seededRandom(1);
    const firsts = Array.from({ length: 4000 }, () => order('weighted', pool, { lottery: random() })[0]);
    const share = firsts.filter((name) => name === 'three').length / firsts.length;
    expect(share).toBeGreaterThan(0.71);
    expect(share).toBeLessThan(0.79);
  });

  test('spread: least used first, by the tightest window', () => {
    const strategy = 'spread';
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
    expect(order('sticky', pool, { model: 'claude-sonnet-5-5' })).toEqual(['a', 'b']);
    expect(order('sticky', pool, { model: 'claude-opus-5-5' })).toEqual(['b', 'a']);
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
    weekly: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
    inFlight: fc.nat(3),
    lastUsed: fc.option(fc.integer({ min: -10, max: 0 })),
  });
  const made = any.map(({ utilization, weekly, inFlight, lastUsed }) =>
    candidate('x', {
      windows: [window('5h', { utilization }), window('7d', { utilization: weekly })],
      inFlight,
      lastUsedAt: lastUsed === null ? null : later(lastUsed),
    }),
  );
  fc.assert(
    fc.property(made, made, made, fc.constantFrom(...strategyNames), (a, b, c, name) => {
      const sign = (x: Candidate, y: Candidate): number =>
        Math.sign(compare(strategies[name], x, y, moment()));
      expect(sign(a, a)).toBe(0);
      expect(sign(a, b) + sign(b, a)).toBe(0);
      expect(sign(a, b) <= 0 && sign(b, c) <= 0 ? sign(a, c) <= 0 : true).toBe(true);
    }),
    { numRuns },
  );
});

test('the first of many is the one that all others come behind, and the first of equals (property)', () => {
  const shares = fc.array(fc.constantFrom(0.1, 0.5, 0.9, null), { maxLength: 6 });
  fc.assert(
    fc.property(shares, fc.constantFrom(...strategyNames), (list, name) => {
      const pool = list.map((share, at) =>
        candidate(`account-${at}`, { windows: [week(share ?? 0, 3)].filter(() => share !== null) }),
      );
      const strategy = strategies[name];
      const [wanted = null] = pool.toSorted((a, b) => compare(strategy, a, b, moment()));
      expect(firstOf(strategy, pool, moment())).toBe(wanted);
    }),
    { numRuns },
  );
});
