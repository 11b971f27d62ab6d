import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { CcrError } from '../shared/errors.ts';
import type { EpochMs } from '../shared/types.ts';
import type { PricedRequest } from '../store/state.ts';
import { newerVersion, pragma } from './database.ts';
import { failureOf } from './failure.ts';
import { columnList, fromRow, schemaVersion } from './schema.ts';
import { loadSqlite } from './sqlite.ts';

export type HistoryQuery = {
  file: string;
  /** Only requests at or after this time. */
  since: EpochMs;
  /** Only the newest so many; null = all. */
  limit: number | null;
};

/** A place in the order of reading. */
type Place = { at: number; rowid: number };

// One statement per page: a reader that is slow, or stopped in a pager, must not keep the log from being folded in.
const pageRows = 1000;
const busyMs = 2000;

/**
 * The requests in the history, oldest first, as of the moment of the first one; nothing when there is no history yet.
 * Works beside an instance that writes. Throws `history_unavailable` when the file cannot be read.
 */
export function* readHistory(query: HistoryQuery): Generator<PricedRequest, void, undefined> {
  const { file } = query;
  if (!guarded(file, () => isThere(file))) return;
  const database = guarded(file, () => openForReading(file));
  try {
    const range = guarded(file, () => rangeOf(database, query));
    if (range === null) return;
    for (let from: Place | null = range.first; from !== null;) {
      const start: Place = from;
      const page = guarded(file, () => readPage(database, start, range.lastRowid));
      for (const row of page) yield fromRow(row);
      const last = page.at(-1);
      from = last !== undefined && page.length === pageRows ? placeAfter(last) : null;
    }
  } finally {
    database.close();
  }
}

const isThere = (file: string): boolean => {
  const found = statSync(file, { throwIfNoEntry: false });
  // SQLite would call a folder a disk that reports errors.
  if (found && !found.isFile()) throw new Error('it is no file');
  return found !== undefined;
};

const openForReading = (file: string): DatabaseSync => {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(file, { readOnly: true, timeout: busyMs });
};

/** Where to begin, and the newest row there is; null when nothing can match. */
const rangeOf = (
  database: DatabaseSync,
  { file, since, limit }: HistoryQuery,
): { first: Place; lastRowid: number } | null => {
  const version = pragma(database, 'user_version');
  if (version > schemaVersion) throw newerVersion(basename(file));
  // Version 0: the instance has only just made the file.
  if (version === 0 || limit === 0) return null;
  const { newest } = database.prepare('select max(rowid) as newest from requests').get() ?? {};
  if (typeof newest !== 'number') return null;
  return { first: firstPlace(database, since, limit), lastRowid: newest };
};

const firstPlace = (database: DatabaseSync, since: EpochMs, limit: number | null): Place => {
  const beginning = { at: since, rowid: 0 };
  if (limit === null) return beginning;
  const nth = database
    .prepare('select at, rowid from requests where at >= ? order by at desc, rowid desc limit 1 offset ?')
    .get(since, limit - 1);
  return nth === undefined ? beginning : { at: Number(nth['at']), rowid: Number(nth['rowid']) };
};

const readPage = (database: DatabaseSync, from: Place, lastRowid: number): Record<string, unknown>[] =>
  database
    .prepare(
      `select rowid, ${columnList} from requests
       where at >= ? and (at > ? or rowid >= ?) and rowid <= ? order by at, rowid limit ?`,
    )
    .all(from.at, from.at, from.rowid, lastRowid, pageRows);

const placeAfter = (row: Record<string, unknown>): Place => ({
  at: Number(row['at']),
  rowid: Number(row['rowid']) + 1,
});

const guarded = <Result>(file: string, read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    if (error instanceof CcrError) throw error;
    const { reason, damaged } = failureOf(error);
    const hint = damaged
      ? 'the next start keeps it aside and begins a new one'
      : 'check the file and its folder';
    throw new CcrError('history_unavailable', `${basename(file)} cannot be read: ${reason}`, {
      hint,
      cause: error,
    });
  }
};
