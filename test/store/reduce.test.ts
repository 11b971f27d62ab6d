import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaptureMode } from '../../source/shared/capture.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import { rowLimit, type State } from '../../source/store/state.ts';
import * as sample from './samples.ts';

const { answered, chosen, finished, started } = sample;

const empty = initialState(asEpoch(1_795_000_000_000));
const fold = (...events: ProxyEvent[]): State => applyEvents(empty, events, priceOf);
const liveIds = (state: State): string[] =>
  state.rows.flatMap((row) => (row.kind === 'live' ? [row.request.id] : []));

const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
};

test('an event of a newer version is passed over', () => {
  const unknown = { type: 'toString', at: 0 } as unknown as ProxyEvent;
  expect(fold(unknown, started(1))).toEqual(fold(started(1)));
});

test('the history is off from the event that says so to the one that says it is on', () => {
  const told = (ok: boolean): ProxyEvent => ({ type: 'historyChanged', at: asEpoch(0), ok });
  expect(empty.historyOff).toBeUndefined();
  expect(fold(told(true), told(false)).historyOff).toBe(true);
  expect(fold(told(false), told(true))).toEqual(empty);
});

test('requests are captured from the event that says so to the one that says they are not', () => {
  const told = (mode: CaptureMode): ProxyEvent => ({
    type: 'captureChanged',
    at: asEpoch(0),
    mode,
    reason: null,
  });
  expect(empty.capture).toBeUndefined();
  expect(fold(told('errors'), told('all')).capture).toBe('all');
  expect(fold(told('all'), told('off'))).toEqual(empty);
});

test('the proxy is dead from the event that says so until the next one listens', () => {
  const died: ProxyEvent = { type: 'proxyDied', at: asEpoch(0), reason: 'out of memory\u001B[2J' };
  expect(fold(died).proxyDied).toBe('out of memory\\x1b[2J');
  const listening: ProxyEvent = { type: 'listening', at: asEpoch(0), url: 'http://x', host: 'x', port: 1 };
  expect(fold(died, listening)).toEqual(fold(listening));
  // Its requests have died with it, which is no loss of events.
  expect(fold(sample.started(1), died)).toMatchObject({ inFlight: 0, rows: [], dropped: 0 });
});

describe('as a fold', () => {
  test('budgets that have come to something are there until they are over, or counted anew', () => {
    const at = asEpoch(1000);
    const one = (budget: string, share: number, resetsAt = 5000) => ({
      budget,
      share,
      hard: true,
      resetsAt: asEpoch(resetsAt),
    });
    const reached = (...args: Parameters<typeof one>): ProxyEvent => ({
      type: 'budgetReached',
      at,
      ...one(...args),
    });
    const budgets = (...events: ProxyEvent[]) => applyEvents(initialState(at), events, priceOf).budgets;
    expect(budgets(reached('a', 0.8), reached('b', 0.8), reached('a', 1))).toEqual([
      one('b', 0.8),
      one('a', 1),
    ]);
    expect(budgets(reached('a', 1, 900), reached('b', 1))).toEqual([one('b', 1)]);
    expect(budgets(reached('a', 1), { type: 'budgetsCounted', at, reached: [one('c', 0.8)] })).toEqual([
      one('c', 0.8),
    ]);
    expect(budgets(...Array.from({ length: 300 }, (_, n) => reached(`x${n}`, 1)))).toHaveLength(100);
  });

  test('no events give the very same state', () => {
    const state = fold(started(1));
    expect(applyEvents(state, [], priceOf)).toBe(state);
  });

  test('one batch or any split of it gives the same state, and no given state is changed', () => {
    fc.assert(
      fc.property(
        fc.array(sample.anyEvent, { maxLength: 120 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (events, sizes) => {
          const whole = applyEvents(deepFreeze(structuredClone(empty)), events, priceOf);
          let state = empty;
          let turn = 0;
          for (let from = 0; from < events.length; turn += 1) {
            const size = sizes[turn % sizes.length]!;
            state = deepFreeze(applyEvents(state, events.slice(from, from + size), priceOf));
            from += size;
          }
          expect(state).toEqual(whole);
          expect(state.inFlight).toBe(liveIds(state).length);
          expect(state.totals.requests).toBe(events.filter(({ type }) => type === 'requestFinished').length);
          const seqs = state.rows.map(({ seq }) => seq);
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('the split makes no difference when rows have to make room either', () => {
    const events: ProxyEvent[] = [];
    for (let n = 0; n < rowLimit + 40; n += 1) events.push(started(n), chosen(n, 'work'));
    for (let n = 0; n < 30; n += 1) events.push(finished(n * 7), started(5000 + n), finished(9000 + n));
    const whole = fold(...events);
    const one = events.reduce((state, event) => applyEvents(state, [event], priceOf), empty);
    expect(one).toEqual(whole);
  });

  test('2,000 events a second in batches of 100 take less than a tenth of a core', () => {
    let state = fold(...Array.from({ length: 300 }, (_, n) => started(1_000_000 + n)));
    const seconds = 5;
    const before = process.cpuUsage();
    for (let batch = 0; batch < 20 * seconds; batch += 1) {
      const events: ProxyEvent[] = [];
      for (let n = batch * 25; n < (batch + 1) * 25; n += 1) {
        events.push(started(n), chosen(n, 'work'), answered(n, 'work'), finished(n));
      }
      state = applyEvents(state, events, priceOf);
    }
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1e6 / seconds;
    if (process.env['CCR_SHOW_FIGURES'] === '1') console.log(`fold: ${(share * 100).toFixed(2)} % of a core`);
    expect(state.totals.requests).toBe(500 * seconds);
    expect(share).toBeLessThan(0.1);
  });

  test('500 ends, or 500 answers that grew, in one batch over full rows take under 5 ms', () => {
    const live = Array.from({ length: 100 }, (_, n) => started(n));
    let state = fold(...live, ...Array.from({ length: rowLimit }, (_, n) => finished(1000 + n)));
    const took = (make: (n: number) => ProxyEvent): number => {
      const times = Array.from({ length: 20 }, (_, round) => {
        const events = Array.from({ length: 500 }, (_, n) => make(round * 500 + n));
        const from = performance.now();
        state = applyEvents(state, events, priceOf);
        return performance.now() - from;
      });
      return Math.min(...times);
    };
    const ends = took((n) => finished(10_000 + n));
    const growth = took((n) => sample.grew(n % 100, n));
    if (process.env['CCR_SHOW_FIGURES'] === '1') {
      console.log(`500 ends: ${ends.toFixed(2)} ms; 500 times grown: ${growth.toFixed(2)} ms`);
    }
    expect(state.inFlight).toBe(100);
    expect(Math.max(ends, growth)).toBeLessThan(5);
  });
});
