import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asEpoch, type FinishedRequest, type TokenCounts } from '../../source/shared/types.ts';
import {
  pricedRequest,
  priceOf as priceAt,
  prices,
  pricesAsOf,
  priceWith,
  type Price,
} from '../../source/store/prices.ts';
import { finishedRequest } from './samples.ts';

const none: TokenCounts = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
const today = asEpoch(Date.parse('2026-11-22T12:00:00Z'));
const priceOf = (model: string | null, tokens: TokenCounts): number | null => priceAt(model, tokens, today);
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

test('a request has the price of its own day', () => {
  const read = (day: string): number | null =>
    priceAt('claude-sonnet-5-5', million('cacheRead'), asEpoch(Date.parse(day)));
  expect(read('2026-10-06T23:59:59.999Z')).toBe(0.2);
  expect(read('2026-10-07T00:00:00Z')).toBe(0.1);
  const request = (day: string) =>
    finishedRequest(1, {
      model: 'claude-sonnet-5-5',
      upstreamModel: null,
      at: asEpoch(Date.parse(day)),
      tokens: million('cacheRead'),
    });
  expect(pricedRequest(request('2026-09-01T00:00:00Z'), priceAt).costUsd).toBe(0.2);
  expect(pricedRequest(request('2026-11-01T00:00:00Z'), priceAt).costUsd).toBe(0.1);
});

describe('prices of the config', () => {
  const own = [
    { model: 'my-model', input: 1, output: 2 },
    { model: 'my-model', from: '2026-11-01', input: 3, output: 4 },
    { model: 'my-model', from: '2026-11-01', above: 1000, input: 5, output: 6, cacheRead: 0.5 },
    { model: 'claude-opus-5-5', input: 100, output: 200 },
  ];
  const price = priceWith(own);
  const cost = (tokens: Partial<TokenCounts>, day = '2026-11-22'): number | null =>
    price('my-model', { ...none, ...tokens }, asEpoch(Date.parse(day)));

  test('price models that the list does not know, by day and size of the prompt', () => {
    expect(cost({ input: 1000 }, '2026-10-31')).toBeCloseTo(0.001, 12);
    expect(cost({ input: 1000 })).toBeCloseTo(0.003, 12);
    expect(cost({ input: 1001 })).toBeCloseTo((1001 * 5) / 1e6, 12);
  });

  test('leave unknown what they do not say, and never make it nothing', () => {
    expect(cost({ input: 10, cacheRead: 10 })).toBeNull();
    expect(cost({ input: 2000, cacheRead: 10 })).toBeCloseTo((2000 * 5 + 10 * 0.5) / 1e6, 12);
    const later = priceWith([{ model: 'new-model', from: '2027-01-01', input: 1, output: 1 }]);
    expect(later('new-model', million('input'), today)).toBeNull();
  });

  test('take the place of the list prices of their models, and of no others', () => {
    expect(price('claude-opus-5-5-20260901', million('input'), today)).toBe(100);
    expect(price('claude-opus-5-5', million('cacheRead'), today)).toBeNull();
    expect(price('claude-haiku-4-5', million('input'), today)).toBe(1);
    expect(priceWith([])).toBe(priceAt);
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
  const models = prices.map(({ model }) => model);
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

test('the table names the day it was read, and every model, day and size of prompt once', () => {
  const entries = prices.map(({ model, from, above }) => `${model} ${from} ${above}`);
  expect(new Set(entries).size).toBe(entries.length);
  expect(new Date(pricesAsOf).toISOString()).toBe(`${pricesAsOf}T00:00:00.000Z`);
});

describe('what caching saved', () => {
  const read = { model: 'claude-opus-5-5', upstreamModel: null, tokens: million('cacheRead') };
  const savedWith = (price: Price, fields: Partial<FinishedRequest>): number | null =>
    pricedRequest(finishedRequest(1, { ...read, ...fields }), price).cacheSavedUsd;

  test('is the difference to the full price of input, by the prices that the cost is made of', () => {
    expect(savedWith(priceAt, {})).toBeCloseTo(3.8, 12);
    const own = priceWith([{ model: 'claude-opus-5-5', input: 100, output: 200, cacheRead: 50 }]);
    expect(savedWith(own, {})).toBeCloseTo(50, 12);
    // A prompt stays as large as it was: it has the price of large ones.
    expect(savedWith(priceAt, { model: 'claude-haiku-5-5' })).toBeCloseTo(0.45, 12);
  });

  test('is not known where the price is not, and nothing where nothing was read', () => {
    expect(savedWith(priceAt, { model: 'unheard-of' })).toBeNull();
    expect(savedWith(priceWith([{ model: 'claude-opus-5-5', input: 1, output: 1 }]), {})).toBeNull();
    expect(savedWith(priceAt, { tokens: million('input') })).toBeNull();
    expect(savedWith(priceAt, { tokens: { ...million('cacheRead'), input: null } })).toBeNull();
  });
});

test('a request is priced by the model that served it, else by the one asked for', () => {
  const of = (model: string | null, upstreamModel: string | null): number | null =>
    pricedRequest(finishedRequest(1, { model, upstreamModel, tokens: million('input') }), priceAt).costUsd;
  expect(of('claude-opus-5-5', 'claude-haiku-4-5')).toBe(1);
  expect(of('claude-opus-5-5', null)).toBe(4);
  expect(of('claude-opus-5-5', 'another-model')).toBeNull();
});

describe('what it costs to write again what a cache holds', () => {
  const of = (model: string, tokens: TokenCounts, rewriteTokens?: number) => {
    const decision = { strategy: 'sticky', affinity: 'warm' as const, considered: [] };
    const asked = rewriteTokens === undefined ? decision : { ...decision, rewriteTokens };
    return pricedRequest(finishedRequest(1, { model, upstreamModel: null, tokens, decision: asked }), priceAt)
      .decision?.rewriteCostUsd;
  };

  test('is the price of cache writes, of those that live for an hour where the answer made such', () => {
    expect(of('claude-opus-5-5', none, 84_000)).toBeCloseTo(0.42, 12);
    expect(of('claude-opus-5-5', { ...none, cacheWrite1h: 300 }, 84_000)).toBeCloseTo(0.672, 12);
  });

  test('is unknown where the price is, and not told where nothing would be written', () => {
    expect(of('another-model', none, 84_000)).toBeNull();
    expect(of('claude-opus-5-5', none)).toBeUndefined();
  });
});
