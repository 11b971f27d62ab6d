import type { Decision } from '../shared/decision.ts';
import type { PriceEntry } from '../shared/price-entry.ts';
import { noTokens, type EpochMs, type FinishedRequest, type TokenCounts } from '../shared/types.ts';
import priceList from './price-list.json' with { type: 'json' };
import type { PricedRequest } from './state.ts';

// A table and no formula: a cache read is no longer always a tenth of the input price.
// List prices of the Anthropic API. Not covered: batches (half price), fast mode, fees of server tools.

/** The day on which the list prices were read. */
export const pricesAsOf: string = priceList.asOf;

/** The list prices, one entry for each model, day of change and size of prompt. */
export const prices: readonly PriceEntry[] = priceList.prices;

/** Tells what a request that began at that time cost in USD, or null when that is not known. */
export type Price = (model: string | null, tokens: TokenCounts, at: EpochMs) => number | null;

/** An entry, from when it is on in ms, and for prompts of more than how many tokens. */
type Known = { entry: PriceEntry; start: number; above: number };

const knownOf = (entry: PriceEntry): Known => ({
  entry,
  start: entry.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(entry.from),
  above: entry.above ?? -1,
});

/** The newest day first, and of one day the one for the longest prompt: what is asked for is the first that fits. */
const byDayAndPrompt = (a: Known, b: Known): number =>
  a.start === b.start ? b.above - a.above : a.start < b.start ? 1 : -1;

const byModelOf = (entries: readonly PriceEntry[]): Map<string, Known[]> => {
  const byModel = new Map<string, Known[]>();
  for (const entry of entries) {
    byModel.set(entry.model, [...(byModel.get(entry.model) ?? []), knownOf(entry)].sort(byDayAndPrompt));
  }
  return byModel;
};

/** Of a model's entries those of the newest day that is not after `at`, and of these the one for the longest prompt. */
const entryFor = (entries: readonly Known[], prompt: number, at: EpochMs): PriceEntry | undefined => {
  // A plain loop: every request is asked about several times.
  let newest: number | null = null;
  for (const { entry, start, above } of entries) {
    if (start > at) continue;
    newest ??= start;
    if (start !== newest) return undefined;
    if (prompt > above) return entry;
  }
  return undefined;
};

/** The cost of one kind of tokens in millionths of USD; null when there are some and their price is not known. */
const part = (tokens: number, price: number | undefined): number | null =>
  tokens === 0 ? 0 : price === undefined ? null : tokens * price;

const costBy = (
  byModel: ReadonlyMap<string, readonly Known[]>,
  ...[model, tokens, at]: Parameters<Price>
): number | null => {
  const name = model ?? '';
  const entries = byModel.get(name) ?? byModel.get(name.replace(/-\d{8}$/, ''));
  const { input, output } = tokens;
  if (entries === undefined || input === null || output === null) return null;
  const cacheRead = tokens.cacheRead ?? 0;
  const cacheWrite5m = tokens.cacheWrite5m ?? 0;
  const cacheWrite1h = tokens.cacheWrite1h ?? 0;
  const used = entryFor(entries, input + cacheRead + cacheWrite5m + cacheWrite1h, at);
  if (used === undefined) return null;
  let microUsd = 0;
  for (const cost of [
    input * used.input,
    output * used.output,
    part(cacheRead, used.cacheRead),
    part(cacheWrite5m, used.cacheWrite5m),
    part(cacheWrite1h, used.cacheWrite1h),
  ]) {
    if (cost === null) return null;
    microUsd += cost;
  }
  return microUsd / 1_000_000;
};

/**
 * What these tokens cost in USD by the list prices of their day. Null when the model has no price here or the input or
 * output count is unknown. A dated name (`claude-opus-5-5-20260901`) costs what the undated one does. A cache count that
 * the answer did not have counts as none: servers without prompt caching leave those fields out.
 */
export const priceOf: Price = (...asked) => costBy(listed, ...asked);

const listed = byModelOf(prices);
const known = new WeakMap<readonly PriceEntry[], Price>();

/** The same with prices of one's own: a model that has any here has no other. */
export const priceWith = (own: readonly PriceEntry[]): Price => {
  if (own.length === 0) return priceOf;
  const before = known.get(own);
  if (before !== undefined) return before;
  const byModel = new Map([...listed, ...byModelOf(own)]);
  const price: Price = (...asked) => costBy(byModel, ...asked);
  known.set(own, price);
  return price;
};

/** By how much a cache made it cheaper. */
const savedUsd = (model: string | null, tokens: TokenCounts, at: EpochMs, price: Price): number | null => {
  const { input, cacheRead } = tokens;
  if (input === null || !cacheRead) return null;
  const dear = price(model, { ...tokens, input: input + cacheRead, cacheRead: 0 }, at);
  const paid = price(model, tokens, at);
  return dear === null || paid === null ? null : dear - paid;
};

/** The request with its cost, and what caching saved: by the model that served it, else by the one that was asked for. */
export const pricedRequest = (request: FinishedRequest, price: Price): PricedRequest => {
  const { decision, tokens, at } = request;
  const model = request.upstreamModel ?? request.model;
  return {
    ...request,
    decision: decision === null ? null : pricedDecision(decision, { model, tokens, at }, price),
    costUsd: price(model, tokens, at),
    cacheSavedUsd: savedUsd(model, tokens, at, price),
  };
};

const nothingButCache: TokenCounts = { ...noTokens, input: 0, output: 0 };

/** The decision with what it costs to write the cache again, by how long its entries live. The same one where nothing is known. */
export const pricedDecision = (
  decision: Decision,
  { model, tokens, at }: Pick<FinishedRequest, 'model' | 'tokens' | 'at'>,
  price: Price,
): Decision => {
  const count = decision.rewriteTokens ?? null;
  if (count === null) return decision;
  const isLong = (tokens.cacheWrite1h ?? 0) > (tokens.cacheWrite5m ?? 0);
  const written = { ...nothingButCache, [isLong ? 'cacheWrite1h' : 'cacheWrite5m']: count };
  return { ...decision, rewriteCostUsd: price(model, written, at) };
};
