import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../shared/types.ts';
import type { LimitSnapshot } from '../store/limit-news.ts';
import type { PricedRequest } from '../store/state.ts';
import { readSealed, type SealedCapture } from './capture-rows.ts';
import { columnsIn, pragma, versionOf } from './database.ts';
import { historyError } from './failure.ts';
import { readOpenLimits } from './limit-rows.ts';
import { columns, fromRow } from './schema.ts';
import { loadSqlite } from '../shared/sqlite.ts';

export type HistoryQuery = {
  file: string;
  /** Only requests at or after this time. */
  since: EpochMs;
  /** Only requests before this time; left out = all. */
  before?: EpochMs;
  /** Only the newest so many; null = all. */
  limit: number | null;
  /** Only what had been written when the newest row was this one (see `newestRow`); left out = all there is. */
  newest?: number | null;
};

/** A request and the number of its row: rows are numbered as they are written. */
export type NumberedRequest = { row: number; request: PricedRequest };

/** A place in the order of reading. */
type Place = { at: number; rowid: number };

type Range = { first: Place; before: number; lastRowid: number; columns: string };

// One statement per page: a reader that is slow, or stopped in a pager, must not keep the log from being folded in.
const pageRows = 1000;
const busyMs = 2000;

/**
 * The requests in the history, oldest first, as of the moment of the first one; nothing when there is no history yet.
 * Works beside an instance that writes. Throws `history_unavailable` when the file cannot be read.
 */
export function* readHistory(query: HistoryQuery): Generator<PricedRequest, void, undefined> {
  const { file } = query;
  const database = openIfThere(file);
  if (database === null) return;
  try {
    const range = guarded(file, () => rangeOf(database, query));
    if (range === null) return;
    for (let from: Place | null = range.first; from !== null;) {
      const start: Place = from;
      const page = guarded(file, () => readPage(database, start, range));
      for (const row of page) yield fromRow(row);
      const last = page.at(-1);
      from = last !== undefined && page.length === pageRows ? placeAfter(last) : null;
    }
  } finally {
    database.close();
  }
}

const openIfThere = (file: string): DatabaseSync | null =>
  guarded(file, () => (isThere(file) ? openForReading(file) : null));

/** The number of the newest row; null when there is none. Throws `history_unavailable` when the file cannot be read. */
export const newestRow = (file: string): number | null =>
  withFile(file, null, (database) => newestIn(database, file));

/** The next rows behind that one as they were written, at most a thousand. Throws as `newestRow` does. */
export const readRowsAfter = (file: string, row: number): NumberedRequest[] =>
  withFile(file, [], (database) => {
    if (newestIn(database, file) === null) return [];
    const select = `select rowid, ${columnsIn(database, columns)} from requests where rowid > ? order by rowid limit ?`;
    const rows = database.prepare(select).all(row, pageRows);
    return rows.map((each) => ({ row: Number(each['rowid']), request: fromRow(each) }));
  });

const withFile = <Result>(file: string, none: Result, read: (database: DatabaseSync) => Result): Result => {
  const database = openIfThere(file);
  if (database === null) return none;
  try {
    return guarded(file, () => read(database));
  } finally {
    database.close();
  }
};

/** What was captured of a request, still encrypted; null when nothing was. Throws as `newestRow` does. */
export const readCapture = (file: string, id: string): SealedCapture | null =>
  withFile(file, null, (database) => (hasCaptures(database, file) ? readSealed(database, id) : null));

/** The ids of the captured requests since then, each with the name of its key. Throws as `newestRow` does. */
export const readCapturedIds = (file: string, since: EpochMs): Map<string, string> =>
  withFile(file, new Map(), (database) => {
    if (!hasCaptures(database, file)) return new Map();
    const rows = database.prepare('select id, key_id from captures where at >= ?').all(since);
    return new Map(rows.map(({ id, key_id: key }) => [String(id), String(key)]));
  });

/** The request of that id; null when it is not in the history. Throws as `newestRow` does. */
export const readRequest = (file: string, id: string): PricedRequest | null =>
  withFile(file, null, (database) => {
    if (newestIn(database, file) === null) return null;
    const row = database.prepare(`select ${columnsIn(database, columns)} from requests where id = ?`).get(id);
    return row === undefined ? null : fromRow(row);
  });

/** The sixth step of the schema makes their table. Refuses a file of a newer version. */
const hasCaptures = (database: DatabaseSync, file: string): boolean => versionOf(database, file) >= 6;

/** As many are read at a start: more than the running periods of twenty accounts have. */
const mostOpen = 5000;

/** The readings of the windows whose reset is still to come, oldest first; none where there is no history. */
export const readOpenLimitHistory = ({ file, now }: { file: string; now: EpochMs }): LimitSnapshot[] =>
  withFile(file, [], (database) =>
    // The second step of the schema makes their table.
    pragma(database, 'user_version') < 2 ? [] : readOpenLimits(database, now, mostOpen),
  );

/** Refuses a file of a newer version. Null also for one that the instance has only just made (version 0). */
const newestIn = (database: DatabaseSync, file: string): number | null => {
  if (versionOf(database, file) === 0) return null;
  const { newest } = database.prepare('select max(rowid) as newest from requests').get() ?? {};
  return typeof newest === 'number' ? newest : null;
};

/** Whether there is a history; throws when something else is in its place. */
export const isThere = (file: string): boolean => {
  const found = statSync(file, { throwIfNoEntry: false });
  // SQLite would call a folder a disk that reports errors.
  if (found && !found.isFile()) throw new Error('it is no file');
  return found !== undefined;
};

/** Opens the history beside an instance that writes. Throws what SQLite throws. */
export const openForReading = (file: string): DatabaseSync => {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(file, { readOnly: true, timeout: busyMs });
};

/** Where to begin, the newest row there is, and the columns of this file; null when nothing can match. */
const rangeOf = (database: DatabaseSync, query: HistoryQuery): Range | null => {
  const { file, before = Number.MAX_SAFE_INTEGER, limit, newest } = query;
  const last = newestIn(database, file);
  if (last === null || limit === 0 || newest === null) return null;
  const range = { before, lastRowid: Math.min(last, newest ?? last) };
  return { ...range, first: firstPlace(database, query, range), columns: columnsIn(database, columns) };
};

const firstPlace = (
  database: DatabaseSync,
  { since, limit }: HistoryQuery,
  { before, lastRowid }: Pick<Range, 'before' | 'lastRowid'>,
): Place => {
  const beginning = { at: since, rowid: 0 };
  if (limit === null) return beginning;
  const nth = database
    .prepare(
      `select at, rowid from requests where at >= ? and at < ? and rowid <= ?
       order by at desc, rowid desc limit 1 offset ?`,
    )
    .get(since, before, lastRowid, limit - 1);
  return nth === undefined ? beginning : { at: Number(nth['at']), rowid: Number(nth['rowid']) };
};

const readPage = (
  database: DatabaseSync,
  from: Place,
  { before, lastRowid, columns: names }: Range,
): Record<string, unknown>[] =>
  database
    .prepare(
      `select rowid, ${names} from requests
       where at >= ? and at < ? and (at > ? or rowid >= ?) and rowid <= ? order by at, rowid limit ?`,
    )
    .all(from.at, before, from.at, from.rowid, lastRowid, pageRows);

const placeAfter = (row: Record<string, unknown>): Place => ({
  at: Number(row['at']),
  rowid: Number(row['rowid']) + 1,
});

/** What `read` returns; what it throws becomes a `history_unavailable` that names the file. */
export const guarded = <Result>(file: string, read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    throw historyError(file, error, 'read');
  }
};
