import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../shared/types.ts';
import { pragma, walBytes } from './database.ts';
import { captureBytes, removeOldestCaptures } from './capture-rows.ts';
import { thinLimits } from './limit-rows.ts';

export type Limits = {
  /** Snapshots of limits are thinned by their age now. */
  now: EpochMs;
  /** Requests and snapshots before this time go. */
  olderThan: EpochMs;
  /** Largest size of the file and its write-ahead log together. */
  maxBytes: number;
  /** The same for what is captured of requests, which goes before they do; left out = as they. */
  captures?: { olderThan: EpochMs; maxBytes: number };
};

// Small steps, so that new rows get in between: each takes some ten milliseconds. More rows than one commit brings.
const stepRows = 1000;
const stepPages = 256;

/**
 * Takes one step towards the limits: captures go first, then the oldest rows, by age, then by size, old snapshots are thinned, then
 * free pages go back to the disk. Returns whether there is more to do.
 */
export const pruneStep = (
  database: DatabaseSync,
  { now, olderThan, maxBytes, captures = { olderThan, maxBytes } }: Limits,
): boolean => {
  if (removeOldestCaptures(database, captures.olderThan)) return true;
  // Some way below, as with the whole file.
  if (captureBytes(database) > captures.maxBytes * 0.9 && removeOldestCaptures(database)) return true;
  if (removeOldest(database, 'requests', olderThan)) return true;
  if (removeOldest(database, 'limit_snapshots', olderThan) || thinLimits(database, now, stepRows))
    return true;
  const pageSize = pragma(database, 'page_size');
  const pages = pragma(database, 'page_count');
  const free = pragma(database, 'freelist_count');
  // Some way below the limit, so that the next rows do not need the next step already.
  const target = maxBytes * 0.9 - walBytes(maxBytes);
  if ((pages - free) * pageSize > target && removeForSpace(database)) return true;
  if (free > 0 && (pages * pageSize > target || free > pages / 4)) {
    database.exec(`pragma incremental_vacuum(${stepPages})`);
    if (pragma(database, 'freelist_count') < free) return true;
  }
  database.exec('pragma wal_checkpoint(truncate)');
  return false;
};

/** What is captured, then the oldest requests, and the snapshots of before the oldest that is left. */
const removeForSpace = (database: DatabaseSync): boolean => {
  if (removeOldestCaptures(database)) return true;
  const removed = removeOldest(database, 'requests', Number.MAX_SAFE_INTEGER);
  const { oldest } = database.prepare('select min(at) as oldest from requests').get() ?? {};
  const before = typeof oldest === 'number' ? oldest : Number.MAX_SAFE_INTEGER;
  return removeOldest(database, 'limit_snapshots', before) || removed;
};

const removeOldest = (
  database: DatabaseSync,
  table: 'requests' | 'limit_snapshots',
  before: number,
): boolean => {
  const oldest = `select rowid from ${table} where at < ? order by at, rowid limit ?`;
  const { changes } = database
    .prepare(`delete from ${table} where rowid in (${oldest})`)
    .run(before, stepRows);
  return Number(changes) > 0;
};
