/**
 * How often lengths of time fell into which bucket. Each bucket reaches 3.9 % further than the one before, so that any of
 * them stands for what fell into it within 2 %, and as many of them are kept as there were different lengths.
 */
export type Spread = Map<number, number>;

const growth = 1.039;
const logGrowth = Math.log(growth);
/** Eleven days: no request takes longer, and what a foreign hand wrote needs no bucket of its own. */
const longestMs = 1e9;

/** By how much a quantile may be wrong, as a share of it; up to 1 ms it may be wrong by that. */
export const spreadError = (growth - 1) / (growth + 1);

/** Up to 1 ms is the first bucket, 0. */
const bucketOf = (ms: number): number =>
  ms > 1 ? Math.ceil(Math.log(Math.min(ms, longestMs)) / logGrowth) : 0;

const valueOf = (bucket: number): number => (bucket === 0 ? 1 : (2 * growth ** bucket) / (growth + 1));

/** Counts a length of time in ms into the spread; NaN is none. */
export const countInto = (spread: Spread, ms: number): void => {
  if (Number.isNaN(ms)) return;
  const bucket = bucketOf(ms);
  spread.set(bucket, (spread.get(bucket) ?? 0) + 1);
};

/** Counts all of the other spread into this one. */
export const mergeInto = (spread: Spread, other: Spread): void => {
  for (const [bucket, count] of other) spread.set(bucket, (spread.get(bucket) ?? 0) + count);
};

/** The length in ms that the share `q` (0..1) of all does not pass, within `spreadError`; null for none at all. */
export const quantile = (spread: Spread, q: number): number | null => {
  let left = 0;
  for (const count of spread.values()) left += count;
  if (left === 0) return null;
  left = Math.max(1, Math.ceil(q * left));
  let last = 0;
  for (const bucket of [...spread.keys()].toSorted((a, b) => a - b)) {
    last = bucket;
    left -= spread.get(bucket) ?? 0;
    if (left <= 0) break;
  }
  return valueOf(last);
};
