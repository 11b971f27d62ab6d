import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../shared/types.ts';
import { pragma, walBytes } from './database.ts';

export type Limits = {
  /** Requests before this time go. */
  olderThan: EpochMs;
  /** Largest size of the file and its write-ahead log together. */
  maxBytes: number;
};

// Small steps, so that new rows get in between: each takes some ten milliseconds. More rows than one commit brings.
const stepRows = 1000;
const stepPages = 256;

/**
 * Takes one step towards the limits: the oldest rows go first, by age, then by size, then free pages go back to the
 * disk. Returns whether there is more to do.
 */
export const pruneStep = (database: DatabaseSync, { olderThan, maxBytes }: Limits): boolean => {
  if (removeOldest(database, olderThan)) return true;
  const pageSize = pragma(database, 'page_size');
  const pages = pragma(database, 'page_count');
  const free = pragma(database, 'freelist_count');
  // Some way below the limit, so that the next rows do not need the next step already.
  const target = maxBytes * 0.9 - walBytes(maxBytes);
  if ((pages - free) * pageSize > target && removeOldest(database, Number.MAX_SAFE_INTEGER)) return true;
  if (free > 0 && (pages * pageSize > target || free > pages / 4)) {
    database.exec(`pragma incremental_vacuum(${stepPages})`);
    if (pragma(database, 'freelist_count') < free) return true;
  }
  database.exec('pragma wal_checkpoint(truncate)');
  return false;
};

const removeOldest = (database: DatabaseSync, before: number): boolean => {
  const oldest = 'select rowid from requests where at < ? order by at, rowid limit ?';
  const { changes } = database
    .prepare(`delete from requests where rowid in (${oldest})`)
    .run(before, stepRows);
  return Number(changes) > 0;
};
