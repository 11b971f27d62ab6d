import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../shared/types.ts';
import { loadSqlite } from '../shared/sqlite.ts';
import { pragma, versionOf } from './database.ts';
import { historyError } from './failure.ts';
import { isThere } from './queries.ts';
import { removeForgotten } from './rollups.ts';

export type Removal = {
  file: string;
  /** Requests before this time go; null = the whole history, with all that was counted of it. */
  before: EpochMs | null;
  /** Only what had been written when the newest row was this one: what was exported, and nothing that came since. */
  newest: number;
};

// An instance that writes meanwhile gets its turn between two steps, and waits for none of them long.
const stepRows = 1000;
// Each is larger than many requests.
const captureRows = 16;
const stepPages = 256;
const busyMs = 5000;

/** Of whatever version: an older instance that runs must still find what it knows. Refuses one of a newer version. */
const openAsItIs = (file: string): DatabaseSync => {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file, { timeout: busyMs });
  try {
    versionOf(database, file);
    // What is removed is overwritten, and not only forgotten.
    database.exec('pragma secure_delete = on');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** How long the steps take, and as long again for others. */
const inTurns = async (step: () => boolean): Promise<void> => {
  for (;;) {
    const start = performance.now();
    if (!step()) return;
    await sleep(Math.max(1, performance.now() - start));
  }
};

const tablesIn = (database: DatabaseSync): string[] =>
  database
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'")
    .all()
    .map(({ name }) => (typeof name === 'string' ? name.replaceAll('"', '""') : ''));

/** All of before that time but those of requests that came since. */
const removeCaptures = (database: DatabaseSync, time: number, newest: number): Promise<void> => {
  const captures = database.prepare(
    `delete from captures where rowid in
       (select rowid from captures where at < ? and not exists
          (select 1 from requests where requests.id = captures.id and requests.rowid > ?)
        order by at limit ${captureRows})`,
  );
  return inTurns(() => Number(captures.run(time, newest).changes) > 0);
};

const removeRows = async (database: DatabaseSync, { before, newest }: Removal): Promise<number> => {
  const time = before ?? Number.MAX_SAFE_INTEGER;
  const tables = tablesIn(database);
  if (!tables.includes('requests')) return 0;
  const requests = database.prepare(
    `delete from requests where rowid in
       (select rowid from requests where at < ? and rowid <= ? order by at limit ${stepRows})`,
  );
  if (tables.includes('captures')) await removeCaptures(database, time, newest);
  let removed = 0;
  await inTurns(() => {
    const changes = Number(requests.run(time, newest).changes);
    removed += changes;
    return changes === stepRows;
  });
  if (tables.includes('limit_snapshots')) {
    database.prepare('delete from limit_snapshots where at < ?').run(time);
  }
  if (before === null) {
    // What later versions count of the requests goes with them.
    const others = tables.filter((name) => name !== 'requests' && name !== 'captures');
    for (const name of others) database.exec(`delete from "${name}"`);
  } else if (tables.includes('rollups')) removeForgotten(database);
  return removed;
};

const giveBack = async (database: DatabaseSync): Promise<void> => {
  await inTurns(() => {
    const free = pragma(database, 'freelist_count');
    if (free === 0) return false;
    database.exec(`pragma incremental_vacuum(${stepPages})`);
    return pragma(database, 'freelist_count') < free;
  });
  database.exec('pragma wal_checkpoint(truncate)');
};

/**
 * Removes requests and snapshots of limits from the history, and gives their space back, in small steps beside an
 * instance that writes. Their bytes are overwritten. Resolves with how many requests went; 0 when there is no history.
 * Rejects with `history_unavailable`.
 */
export const removeHistory = async (removal: Removal): Promise<number> => {
  const { file } = removal;
  try {
    if (!isThere(file)) return 0;
    const database = openAsItIs(file);
    try {
      const removed = await removeRows(database, removal);
      await giveBack(database);
      return removed;
    } finally {
      database.close();
    }
  } catch (error) {
    throw historyError(file, error, 'changed');
  }
};

/** What stands beside the history of it: damaged ones that were set aside, and copies from before a new version. */
const asidePattern = /^\.(?:broken-[\dTZ.-]+|version-\d+(?:\.part)?)(?:-wal|-shm)?$/;

/** Removes the damaged files and the copies that were set aside. Returns their number. Throws `history_unavailable`. */
export const removeAside = (file: string): number => {
  const folder = dirname(file);
  try {
    if (!existsSync(folder)) return 0;
    const names = readdirSync(folder).filter(
      (name) => name.startsWith(basename(file)) && asidePattern.test(name.slice(basename(file).length)),
    );
    for (const name of names) rmSync(join(folder, name));
    return names.filter((name) => !/-(?:wal|shm)$/.test(name)).length;
  } catch (error) {
    throw historyError(file, error, 'changed');
  }
};
