import type { StatsFigures, StatsRow, StatsSlot } from '../shared/statistics.ts';
import { addFigures, noFigures, type Figures } from './figures.ts';
import { quantile, type Spread } from './spread.ts';
import type { Tally } from './tally.ts';

const hitRate = ({ inputTokens, cacheReadTokens, cacheWriteTokens }: Figures): number | null => {
  if (cacheReadTokens === null) return null;
  const prompt = (inputTokens ?? 0) + cacheReadTokens + (cacheWriteTokens ?? 0);
  return prompt > 0 ? cacheReadTokens / prompt : null;
};

/** Bounds of a bucket are no measured time: no more digits than help anybody. */
const ms = (spread: Spread, q: number): number | null => {
  const value = quantile(spread, q);
  return value === null ? null : Number(value.toPrecision(4));
};

/** The figures as they are told; the derived ones are null where there is nothing to derive them from. */
export const statsFigures = (figures: Figures): StatsFigures => ({
  requests: figures.requests,
  errors: figures.errors,
  retries: figures.retries,
  failedOver: figures.failedOver,
  inputTokens: figures.inputTokens,
  outputTokens: figures.outputTokens,
  cacheReadTokens: figures.cacheReadTokens,
  cacheWriteTokens: figures.cacheWriteTokens,
  cacheHitRate: hitRate(figures),
  costUsd: figures.costUsd,
  listValueUsd: figures.listValueUsd,
  unpricedRequests: figures.unpricedRequests,
  cacheSavedUsd: figures.cacheSavedUsd,
  cacheSavedListValueUsd: figures.cacheSavedListValueUsd,
  firstByteP50Ms: ms(figures.firstByte, 0.5),
  firstByteP95Ms: ms(figures.firstByte, 0.95),
  totalP50Ms: ms(figures.total, 0.5),
  totalP95Ms: ms(figures.total, 0.95),
  tokensPerSecond: figures.streamedMs > 0 ? figures.streamedTokens / (figures.streamedMs / 1000) : null,
});

/** What bars of time are drawn of. */
export const statsSlot = (figures: Figures): StatsSlot => ({
  requests: figures.requests,
  errors: figures.errors,
  inputTokens: figures.inputTokens,
  outputTokens: figures.outputTokens,
  costUsd: figures.costUsd,
  listValueUsd: figures.listValueUsd,
  cacheHitRate: hitRate(figures),
});

export type RankedRows = { rows: StatsRow[]; others: StatsFigures | null };

const row = ([key, figures]: readonly [string | null, Figures]): StatsRow => ({
  key,
  ...statsFigures(figures),
});

/** The `most` keys with the most requests, the most first; what all the others come to, null when there are none. */
export const rankedRows = ({ groups, others }: Tally, most: number): RankedRows => {
  const ranked = [...groups].toSorted(
    ([a, left], [b, right]) => right.requests - left.requests || ((a ?? '') < (b ?? '') ? -1 : 1),
  );
  const rest = ranked.slice(most).map(([, figures]) => figures);
  if (others !== null) rest.push(others);
  const sum = noFigures();
  for (const figures of rest) addFigures(sum, figures);
  return { rows: ranked.slice(0, most).map(row), others: rest.length === 0 ? null : statsFigures(sum) };
};

/** The groups in the order of their keys, such as days. */
export const orderedRows = ({ groups }: Tally): StatsRow[] =>
  [...groups].toSorted(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1)).map(row);
