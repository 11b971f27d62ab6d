import type { FinishedRequest, TokenCounts } from '../shared/types.ts';
import type { PricedRequest } from './state.ts';

/** USD per million tokens. Writing to the cache costs by how long the entry lives. */
type Rates = {
  input: number;
  output: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  cacheRead: number;
};

type ModelPrice = {
  models: readonly string[];
  rates: Rates;
  /** Other rates for the whole request once its prompt, cached tokens included, is longer than `above` tokens. */
  longPrompt?: { above: number; rates: Rates };
};

/** The day on which the list prices below were read. */
export const pricesAsOf = '2026-11-22';

const rates = (
  input: number,
  output: number,
  [cacheWrite5m, cacheWrite1h]: readonly [number, number],
  cacheRead: number,
): Rates => ({ input, output, cacheWrite5m, cacheWrite1h, cacheRead });

// A table and no formula: a cache read is no longer always a tenth of the input price.
// List prices of the Anthropic API. Not covered: batches (half price), fast mode, fees of server tools.
export const prices: readonly ModelPrice[] = [
  { models: ['claude-fable-5-1'], rates: rates(10, 50, [12.5, 20], 0.25) },
  { models: ['claude-fable-5'], rates: rates(10, 50, [12.5, 20], 1) },
  { models: ['claude-opus-5-5'], rates: rates(4, 20, [5, 8], 0.2) },
  { models: ['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-5'], rates: rates(5, 25, [6.25, 10], 0.5) },
  { models: ['claude-opus-4-1'], rates: rates(15, 75, [18.75, 30], 1.5) },
  { models: ['claude-sonnet-5-5'], rates: rates(2, 10, [2.5, 4], 0.1) },
  { models: ['claude-sonnet-5'], rates: rates(2, 10, [2.5, 4], 0.2) },
  { models: ['claude-sonnet-4-6', 'claude-sonnet-4-5'], rates: rates(3, 15, [3.75, 6], 0.3) },
  {
    models: ['claude-haiku-5-5'],
    rates: rates(0.1, 0.5, [0.125, 0.2], 0.01),
    longPrompt: { above: 100_000, rates: rates(0.5, 2.5, [0.625, 1], 0.05) },
  },
  { models: ['claude-haiku-4-5'], rates: rates(1, 5, [1.25, 2], 0.1) },
];

const byModel = new Map(prices.flatMap((price) => price.models.map((model) => [model, price] as const)));

/** Tells what a request cost in USD, or null when that is not known. */
export type Price = (model: string | null, tokens: TokenCounts) => number | null;

/**
 * What these tokens cost in USD by the list prices. Null when the model has no price here or the input or output
 * count is unknown. A dated name (`claude-opus-5-5-20260901`) costs what the undated one does. A cache count that
 * the answer did not have counts as none: servers without prompt caching leave those fields out.
 */
export const priceOf: Price = (model, tokens) => {
  const price = byModel.get((model ?? '').replace(/-\d{8}$/, ''));
  if (price === undefined || tokens.input === null || tokens.output === null) return null;
  const cacheRead = tokens.cacheRead ?? 0;
  const cacheWrite5m = tokens.cacheWrite5m ?? 0;
  const cacheWrite1h = tokens.cacheWrite1h ?? 0;
  const prompt = tokens.input + cacheRead + cacheWrite5m + cacheWrite1h;
  const { longPrompt } = price;
  const used = longPrompt !== undefined && prompt > longPrompt.above ? longPrompt.rates : price.rates;
  const microUsd =
    tokens.input * used.input +
    tokens.output * used.output +
    cacheRead * used.cacheRead +
    cacheWrite5m * used.cacheWrite5m +
    cacheWrite1h * used.cacheWrite1h;
  return microUsd / 1_000_000;
};

/** The request with its cost: by the model that served it, else by the one that was asked for. */
export const pricedRequest = (request: FinishedRequest, price: Price): PricedRequest => ({
  ...request,
  costUsd: price(request.upstreamModel ?? request.model, request.tokens),
});
