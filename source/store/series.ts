import type { StatsSlot } from '../shared/statistics.ts';
import { addSums, countSums, noFigures, type Counted } from './figures.ts';
import { statsSlot } from './stats-row.ts';
import { emptyTally, figuresOf, keyOf, type Dimension, type Tally } from './tally.ts';

// What each account, or each model, came to in each slot of time: for bars, so sums alone.

/** By the beginning of the slot, as text of epoch ms. */
export type Series = Map<string, Tally>;

/** Keys of one slot: a dozen of them are shown, and names that clients make up need no room. */
const keysPerSlot = 100;

export const slotKey = (at: number, slotMs: number): string => String(Math.floor(at / slotMs) * slotMs);

const tallyAt = (series: Series, slot: string): Tally => {
  const found = series.get(slot) ?? emptyTally();
  series.set(slot, found);
  return found;
};

/** Counts a request into its slot. */
export const countInSeries = (
  series: Series,
  dimension: Dimension,
  request: Counted,
  slotMs: number,
): void => {
  const tally = tallyAt(series, slotKey(request.at, slotMs));
  countSums(figuresOf(tally, keyOf(dimension, request), keysPerSlot), request);
};

/** Adds what many requests of one slot came to; the tally stays as it is. */
export const addToSeries = (series: Series, slot: string, { groups, others }: Tally): void => {
  const tally = tallyAt(series, slot);
  for (const [key, figures] of groups) addSums(figuresOf(tally, key, keysPerSlot), figures);
  if (others !== null) addSums((tally.others ??= noFigures()), others);
};

/** What the key came to in each of these slots; null where it may be among those that found no room. */
export const slotsOf = (
  series: Series | undefined,
  key: string | null,
  slots: readonly string[],
): (StatsSlot | null)[] =>
  slots.map((slot) => {
    const { groups, others } = series?.get(slot) ?? emptyTally();
    const figures = groups.get(key);
    return figures === undefined && others !== null ? null : statsSlot(figures ?? noFigures());
  });
