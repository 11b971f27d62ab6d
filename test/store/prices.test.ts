import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenCounts } from '../../source/shared/types.ts';
import { pricedRequest, priceOf, prices, pricesAsOf } from '../../source/store/prices.ts';
import { finishedRequest } from './samples.ts';

const none: TokenCounts = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
const million = (field: keyof TokenCounts): TokenCounts => ({ ...none, [field]: 1_000_000 });

// USD for a million tokens each: input, output, cache written for 5 minutes, for an hour, cache read.
const list: Record<string, [number, number, number, number, number]> = {
  'claude-fable-5-1': [10, 50, 12.5, 20, 0.25],
  'claude-fable-5': [10, 50, 12.5, 20, 1],
  'claude-opus-5-5': [4, 20, 5, 8, 0.2],
  'claude-opus-5': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-8': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-5': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-1': [15, 75, 18.75, 30, 1.5],
  'claude-sonnet-5-5': [2, 10, 2.5, 4, 0.1],
  'claude-sonnet-5': [2, 10, 2.5, 4, 0.2],
  'claude-sonnet-4-6': [3, 15, 3.75, 6, 0.3],
  'claude-sonnet-4-5': [3, 15, 3.75, 6, 0.3],
  'claude-haiku-4-5': [1, 5, 1.25, 2, 0.1],
};

test.each(Object.entries(list))('%s costs what the list says', (model, expected) => {
  const fields = ['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'] as const;
  expect(fields.map((field) => priceOf(model, million(field)))).toEqual(expected);
});

describe('claude-haiku-5-5', () => {
  const prompt = (cached: number, input: number): number | null =>
    priceOf('claude-haiku-5-5', { ...none, input, cacheRead: cached, output: 1000 });

  test('has the low price up to a prompt of 100,000 tokens', () => {
    expect(prompt(0, 100_000)).toBeCloseTo((100_000 * 0.1 + 1000 * 0.5) / 1e6, 12);
  });

  test('has the high price for the whole request above, cached tokens counted in', () => {
    expect(prompt(0, 100_001)).toBeCloseTo((100_001 * 0.5 + 1000 * 2.5) / 1e6, 12);
    expect(prompt(100_000, 1)).toBeCloseTo((100_000 * 0.05 + 0.5 + 1000 * 2.5) / 1e6, 12);
  });
});

test('a dated name costs what the undated one does', () => {
  expect(priceOf('claude-opus-5-5-20260901', million('input'))).toBe(4);
});

test.each([
  null,
  '',
  'gpt-5',
  'claude-opus-5-5-2026',
  'claude-opus-5-5-20260901-x',
  'claude-opus-9',
  'xclaude-opus-5',
  'constructor',
])('the price of the model %j is unknown, not nothing', (model) => {
  expect(priceOf(model, million('input'))).toBeNull();
});

test('a cost is unknown when the input or output count is', () => {
  expect(priceOf('claude-opus-5-5', { ...none, input: null })).toBeNull();
  expect(priceOf('claude-opus-5-5', { ...none, output: null })).toBeNull();
});

test('cache counts that the answer did not have cost nothing', () => {
  const plain = { input: 10, output: 20, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
  expect(priceOf('claude-opus-5-5', plain)).toBe((10 * 4 + 20 * 20) / 1e6);
});

test('more tokens never cost less', () => {
  const models = prices.flatMap(({ models }) => models);
  const counts = fc.record({
    input: fc.nat(1e6),
    output: fc.nat(1e6),
    cacheRead: fc.nat(1e6),
    cacheWrite5m: fc.nat(1e6),
    cacheWrite1h: fc.nat(1e6),
  });
  const fields = fc.constantFrom(...(Object.keys(none) as (keyof typeof none)[]));
  fc.assert(
    fc.property(fc.constantFrom(...models), counts, fields, fc.nat(1e5), (model, tokens, field, more) => {
      const cost = priceOf(model, tokens);
      const greater = priceOf(model, { ...tokens, [field]: tokens[field] + more });
      expect(greater).toBeGreaterThanOrEqual(cost ?? Number.NaN);
    }),
  );
});

test('the table names the day it was read, and every model once', () => {
  const models = prices.flatMap(({ models }) => models);
  expect(new Set(models).size).toBe(models.length);
  expect(new Date(pricesAsOf).toISOString()).toBe(`${pricesAsOf}T00:00:00.000Z`);
});

test('a request is priced by the model that served it, else by the one asked for', () => {
  const of = (model: string | null, upstreamModel: string | null): number | null =>
    pricedRequest(finishedRequest(1, { model, upstreamModel, tokens: million('input') }), priceOf).costUsd;
  expect(of('claude-opus-5-5', 'claude-haiku-4-5')).toBe(1);
  expect(of('claude-opus-5-5', null)).toBe(4);
  expect(of('claude-opus-5-5', 'another-model')).toBeNull();
});
