import type { DatabaseSync } from 'node:sqlite';
import type { Counted } from '../store/figures.ts';
import { countRequest, addFigures } from '../store/figures.ts';
import { addToSeries, countInSeries, slotKey, type Series } from '../store/series.ts';
import { addTally, emptyTally, figuresOf, type Dimension, type Tally } from '../store/tally.ts';
import { countedPages, type Span } from './count-rows.ts';
import { builtHours, countPage, hourMs, readTally } from './rollups.ts';

/** What is asked of the history. */
export type StatsQuery = {
  /** Only requests at or after this time, epoch ms. */
  since: number;
  dimensions: readonly Exclude<Dimension, 'all'>[];
  /** The length of the slots of time to tell apart, in ms; null for none. They begin at whole multiples of it. */
  slotMs: number | null;
};

export type StatsAnswer = {
  /** All requests, under the key null. */
  all: Tally;
  by: ReadonlyMap<Dimension, Tally>;
  /** By the beginning of the slot, as text of epoch ms. */
  slots: Tally;
  /** The keys of each dimension slot by slot; empty where no slots are told apart. */
  series: ReadonlyMap<Dimension, Series>;
};

/** Keys that are told apart; there are at most as many accounts, and more models or sessions nobody reads. */
export const keyLimit = 10_000;

type Gathering = StatsAnswer & { tallies: ReadonlyMap<Dimension, Tally>; slotMs: number | null };

const countSlots = ({ slots, series, slotMs }: Gathering, page: readonly Counted[]): void => {
  if (slotMs === null) return;
  for (const request of page) {
    countRequest(figuresOf(slots, slotKey(request.at, slotMs), keyLimit), request);
    for (const [dimension, each] of series) countInSeries(each, dimension, request, slotMs);
  }
};

function* gatherRows(database: DatabaseSync, gathering: Gathering, span: Span): Generator<void, void> {
  for (const page of countedPages(database, span)) {
    countPage(gathering.tallies, page, keyLimit);
    countSlots(gathering, page);
    yield;
  }
}

/** Adds what an hour was summed up to; false when it turns out not to be. */
const gatherHour = (database: DatabaseSync, gathering: Gathering, hour: number): boolean => {
  const read = new Map<Dimension, Tally>();
  for (const dimension of gathering.tallies.keys()) {
    const sum = readTally(database, hour, dimension);
    if (sum === null) return false;
    read.set(dimension, sum);
  }
  const { tallies, series, slots, slotMs } = gathering;
  const slot = slotMs === null ? null : slotKey(hour * hourMs, slotMs);
  const all = read.get('all')?.groups.get(null);
  if (slot !== null && all) addFigures(figuresOf(slots, slot, keyLimit), all);
  for (const [dimension, sum] of read) {
    const each = series.get(dimension);
    if (slot !== null && each) addToSeries(each, slot, sum);
    // Last: what it adds becomes a part of the other one.
    const tally = tallies.get(dimension);
    if (tally) addTally(tally, sum, keyLimit);
  }
  return true;
};

/** The hours that need not be read row by row. */
const usableHours = (database: DatabaseSync, { since, slotMs }: StatsQuery): number[] => {
  if (slotMs !== null && slotMs % hourMs !== 0) return [];
  // A file that no instance of this version has opened has none.
  return database.prepare("select 1 from sqlite_master where name = 'rollup_hours'").get() === undefined
    ? []
    : builtHours(database, since);
};

/**
 * Sums up the history from `since` on, newest first, so that the newest keys find room. Every step takes some
 * milliseconds; others may write between two of them. Throws what SQLite throws.
 */
export function* gatherStatistics(database: DatabaseSync, query: StatsQuery): Generator<void, StatsAnswer> {
  const all = emptyTally();
  const by = new Map(query.dimensions.map((dimension) => [dimension, emptyTally()] as const));
  const tallies = new Map<Dimension, Tally>([['all', all], ...by]);
  const told = query.slotMs === null ? [] : query.dimensions;
  const series = new Map(told.map((dimension): [Dimension, Series] => [dimension, new Map()]));
  const gathering = { all, by, slots: emptyTally(), series, tallies, slotMs: query.slotMs };
  let to = Number.MAX_SAFE_INTEGER;
  for (const hour of usableHours(database, query).toReversed()) {
    const end = (hour + 1) * hourMs;
    if (end < to) yield* gatherRows(database, gathering, { from: end, to });
    to = end;
    if (gatherHour(database, gathering, hour)) to = hour * hourMs;
    yield;
  }
  yield* gatherRows(database, gathering, { from: query.since, to });
  return gathering;
}
