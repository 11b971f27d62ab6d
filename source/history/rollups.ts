import type { DatabaseSync } from 'node:sqlite';
import type { Counted } from '../store/figures.ts';
import {
  dimensions,
  emptyTally,
  parseTally,
  tallyRequest,
  tallyText,
  type Dimension,
  type Tally,
} from '../store/tally.ts';
import { countedPages } from './count-rows.ts';

// What the rows of one hour come to, for every dimension, so that a long range need not read its rows. Triggers of the
// database forget an hour as soon as one of its rows comes, goes or changes, whoever does that; it is summed up anew later.

export const hourMs = 3_600_000;

/** Keys of one hour; a stream of made-up model names must not become as large as the requests themselves. */
const keysPerHour = 500;

/** Counts the requests of a page into the tallies. */
export const countPage = (
  tallies: ReadonlyMap<Dimension, Tally>,
  page: readonly Counted[],
  limit = keysPerHour,
): void => {
  for (const request of page) {
    for (const [dimension, tally] of tallies) tallyRequest(tally, dimension, request, limit);
  }
};

/** The hours from that time on that are summed up, as numbers of hours since 1970, oldest first. */
export const builtHours = (database: DatabaseSync, from: number): number[] =>
  database
    .prepare('select hour from rollup_hours where built = 1 and hour >= ? order by hour')
    .all(Math.ceil(from / hourMs))
    .map(({ hour }) => Number(hour));

/** What the requests of that hour come to; null when it is not summed up, or by a foreign hand. */
export const readTally = (database: DatabaseSync, hour: number, dimension: Dimension): Tally | null => {
  const found = database
    .prepare('select tally from rollups where hour = ? and dimension = ?')
    .get(hour, dimension);
  const text = found?.['tally'];
  return typeof text === 'string' ? parseTally(text) : null;
};

/** The first hour from that one on which has rows and is not summed up; null when there is none before `end`. */
const nextHour = (database: DatabaseSync, from: number, end: number): number | null => {
  const first = database.prepare('select at from requests where at >= ? order by at limit 1');
  const built = database.prepare('select 1 from rollup_hours where built = 1 and hour = ?');
  for (let hour = from; hour < end; hour += 1) {
    const at = first.get(hour * hourMs)?.['at'];
    if (typeof at !== 'number') return null;
    hour = Math.floor(at / hourMs);
    if (hour >= end) return null;
    if (built.get(hour) === undefined) return hour;
  }
  return null;
};

const keep = (database: DatabaseSync, hour: number, tallies: ReadonlyMap<Dimension, Tally>): void => {
  database.exec('begin immediate');
  const { changes } = database.prepare('update rollup_hours set built = 1 where hour = ?').run(hour);
  // Without its entry the hour was changed meanwhile: the next round takes it up again.
  if (Number(changes) > 0) {
    const insert = database.prepare(
      'insert or replace into rollups (hour, dimension, tally) values (?, ?, ?)',
    );
    for (const [dimension, tally] of tallies) insert.run(hour, dimension, tallyText(tally));
  }
  database.exec('commit');
};

/** Removes what hours came to of which a row has come, gone or changed since. */
export const removeForgotten = (database: DatabaseSync): void =>
  database.exec('delete from rollups where hour not in (select hour from rollup_hours)');

/** Sums one hour up; every step reads a page of its rows. */
function* buildHour(database: DatabaseSync, hour: number): Generator<void, void> {
  database.prepare('insert or replace into rollup_hours (hour, built) values (?, 0)').run(hour);
  const tallies = new Map(dimensions.map((dimension) => [dimension, emptyTally()] as const));
  for (const page of countedPages(database, { from: hour * hourMs, to: (hour + 1) * hourMs })) {
    countPage(tallies, page);
    yield;
  }
  keep(database, hour, tallies);
}

/**
 * Sums up every hour that has passed and is not summed up yet, oldest first. Every step takes some milliseconds, and one
 * that fails leaves nothing half done.
 */
export function* buildRollups(database: DatabaseSync, now: number): Generator<void, void> {
  const end = Math.floor(now / hourMs);
  for (let hour = nextHour(database, 0, end); hour !== null; hour = nextHour(database, hour + 1, end)) {
    yield* buildHour(database, hour);
    yield;
  }
  // Hours without rows any more. Those that were changed a moment ago come back with the next round.
  removeForgotten(database);
}
