import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { historyTrace } from '../../source/commands/history-trace.ts';
import { asDuration, asEpoch, noTokens, type TokenCounts } from '../../source/shared/types.ts';
import { parseTrace, type TraceRequest } from '../../source/simulate/trace.ts';
import { priceWith } from '../../source/store/prices.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { numRuns } from '../kit/long-run.ts';
import { pricedSample } from '../store/samples.ts';

const start = Date.UTC(2026, 10, 22, 8);
const minute = 60_000;

type Asked = { session?: string | null; prompt?: number; ms?: number; fields?: Partial<PricedRequest> };

const row = (
  at: number,
  { session = 's', prompt = 1000, ms = 1000, fields = {} }: Asked = {},
): PricedRequest =>
  pricedSample(at, {
    at: asEpoch(start + at),
    session,
    totalMs: asDuration(ms),
    tokens: { ...noTokens, input: prompt, output: 50 },
    ...fields,
  });

const requestsOf = (rows: readonly PricedRequest[]): readonly TraceRequest[] =>
  parseTrace('the history', 'history', historyTrace(rows).trace).requests;

describe('the recorded requests of a conversation', () => {
  test('are one chain, each behind the one before it by the pause that was', () => {
    const [first, second] = requestsOf([row(5000, { prompt: 1000 }), row(9000, { prompt: 1200 })]);
    expect(first).toMatchObject({ at: 0, chain: '0/0', prompt: 1000, output: 50, durMs: 1000, after: -1 });
    expect(second).toMatchObject({ at: 4000, chain: '0/0', prompt: 1200, after: 0, gapMs: 3000, epoch: 0 });
  });

  test('that run side by side are chains of their own', () => {
    const rows = [row(0, { ms: 60_000 }), row(10, { ms: 5000 }), row(6000, { prompt: 1500, ms: 500 })];
    const requests = requestsOf(rows);
    expect(requests.map(({ chain }) => chain)).toEqual(['0/0', '0/2', '0/2']);
    expect(requests[2]).toMatchObject({ after: 1, gapMs: 990 });
  });

  test('that became shorter were compacted', () => {
    const requests = requestsOf([row(0, { prompt: 90_000 }), row(5000, { prompt: 9000 })]);
    expect(requests.map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(requests[1]?.after).toBe(0);
  });

  test('are one prompt of a person as long as no pause is longer than five minutes', () => {
    const requests = requestsOf([row(0), row(2 * minute), row(8 * minute), row(9 * minute)]);
    expect(requests.map(({ task }) => task)).toEqual([0, 0, 1, 1]);
  });

  test('of different sessions have nothing in common, nor have those without one', () => {
    const requests = requestsOf([
      row(0, { session: 'a' }),
      row(1, { session: 'b' }),
      row(5000, { session: null }),
      row(9000, { session: null }),
    ]);
    expect(new Set(requests.map(({ chain }) => chain)).size).toBe(4);
    expect(requests.every(({ after }) => after === -1)).toBe(true);
  });
});

test('a prompt is all of it, cached or not, and the life of caches is that of most writes', () => {
  const tokens: TokenCounts = { input: 10, output: 5, cacheRead: 900, cacheWrite5m: 20, cacheWrite1h: 70 };
  const { trace } = historyTrace([row(0, { fields: { tokens } })]);
  expect(trace).toMatchObject({ cacheTtl: '1h', models: ['claude-opus-5-5'] });
  expect(parseTrace('x', 'x', trace).requests[0]?.prompt).toBe(1000);
  expect(trace['prices']).toEqual({
    'claude-opus-5-5': { input: 4, output: 20, write5m: 5, write1h: 8, read: 0.2 },
  });
});

test('what nobody can price is left out, and counted', () => {
  const rows = [
    row(0),
    row(1, { fields: { costUsd: null } }),
    row(2, { fields: { tokens: noTokens } }),
    row(3, { fields: { model: null, upstreamModel: null } }),
  ];
  const { trace, left } = historyTrace(rows);
  expect([parseTrace('x', 'x', trace).requests.length, left]).toEqual([1, 3]);
});

test('a model has the price that the settings give it; one that has none any more is left out', () => {
  const mine = (at: number, model: string) =>
    row(at, { fields: { model, upstreamModel: model, costUsd: 1 } });
  const price = priceWith([{ model: 'mine', input: 1, output: 2 }]);
  const { trace, left } = historyTrace([mine(0, 'mine'), mine(1, 'gone')], price);
  expect(trace).toMatchObject({ models: ['mine'], prices: { mine: { input: 1, output: 2 } } });
  expect([parseTrace('x', 'x', trace).requests.length, left]).toEqual([1, 1]);
});

test('nothing is a trace of nothing', () => {
  expect(requestsOf([])).toEqual([]);
});

test('any history makes a trace that can be replayed (property)', () => {
  const any = fc.record({
    at: fc.integer({ min: 0, max: 3_600_000 }),
    session: fc.constantFrom('a', 'b', null),
    prompt: fc.nat(100_000),
    ms: fc.double({ min: 0, max: 100_000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(any), (list) => {
      const requests = requestsOf(list.map(({ at, ...asked }) => row(at, asked)));
      expect(requests.length).toBe(list.length);
      for (const { after, at, gapMs } of requests) {
        const before = requests[after];
        expect(before === undefined || before.at + before.durMs + gapMs === at).toBe(true);
        expect(gapMs).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns },
  );
});
