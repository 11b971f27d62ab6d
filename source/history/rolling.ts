import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as otherWork } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../shared/clock.ts';
import { loadSqlite } from '../shared/sqlite.ts';
import { pragma, walBytes } from './database.ts';
import { schemaVersion } from './migrations.ts';
import { buildRollups } from './rollups.ts';

export type RollingOptions = { file: string; maxMiB: number; clock: Clock };

export type Rolling = {
  /**
   * Sums up the hours that have passed, with room for other work after every step. Resolves when that is done, was ended
   * or has failed: sums are for speed alone, and what is wrong with the file tells whoever writes it. One round at a time.
   */
  round(): Promise<void>;
  /** Ends the round at once; there is no other one afterwards. */
  close(): void;
};

const open = ({ file, maxMiB }: RollingOptions): DatabaseSync => {
  const { DatabaseSync } = loadSqlite();
  const place = pathToFileURL(file);
  // Only the writer makes the file, for nobody else to read.
  place.search = 'mode=rw';
  // Whoever holds a lock is not waited for: the next round comes in a minute.
  const database = new DatabaseSync(place, { timeout: 0 });
  database.exec(
    `pragma synchronous = normal; pragma wal_autocheckpoint = ${walBytes(maxMiB * 1024 * 1024) / 4096}`,
  );
  return database;
};

function* steps(options: RollingOptions): Generator<void, void> {
  const database = open(options);
  try {
    if (pragma(database, 'user_version') !== schemaVersion) return;
    yield* buildRollups(database, options.clock.now());
  } finally {
    database.close();
  }
}

/** For the thread that writes the history, with a connection of its own. */
export const createRolling = (options: RollingOptions): Rolling => {
  let running: Generator<void, void> | null = null;
  let closed = false;
  return {
    async round() {
      if (closed || running !== null) return;
      running = steps(options);
      try {
        while (running.next().done !== true) await otherWork();
      } catch {
        // Nothing is lost: hours that are not summed up are read row by row.
      }
      running = null;
    },
    close() {
      closed = true;
      running?.return();
    },
  };
};
