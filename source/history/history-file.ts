import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../shared/clock.ts';
import { asEpoch } from '../shared/types.ts';
import type { PricedRequest } from '../store/state.ts';
import { openDatabase, pragma } from './database.ts';
import { pruneStep, type Limits } from './retention.ts';
import { insertRow, toRow } from './schema.ts';

export type HistoryFileOptions = {
  file: string;
  retentionDays: number;
  maxMiB: number;
  clock: Clock;
};

/** The file with its limits. Opened by the first use and by the first after `close`; errors are thrown as they come. */
export type HistoryFile = {
  /** Writes all the rows in one transaction. */
  commit(rows: readonly PricedRequest[]): void;
  /** One step towards the limits of age and size; returns whether there is more to do. */
  prune(): boolean;
  /** Whether it has grown beyond its limit of size. */
  isOverSize(): boolean;
  /** Never throws. Rows of a transaction that failed are not in the file. */
  close(): void;
};

const dayMs = 24 * 3600 * 1000;

/** The history on disk, for the one thread that writes it. */
export const createHistoryFile = (options: HistoryFileOptions): HistoryFile => {
  const { file, retentionDays, clock } = options;
  const maxBytes = options.maxMiB * 1024 * 1024;
  let open: { database: DatabaseSync; insert: StatementSync } | null = null;

  const limits = (): Limits => ({
    olderThan: asEpoch(clock.now() - retentionDays * dayMs),
    maxBytes,
  });

  const opened = (): NonNullable<typeof open> => {
    if (open) return open;
    const database = openDatabase(file, maxBytes);
    open = { database, insert: database.prepare(insertRow) };
    return open;
  };

  return {
    commit(rows) {
      const { database, insert } = opened();
      database.exec('begin immediate');
      for (const row of rows) insert.run(...toRow(row));
      database.exec('commit');
    },
    prune: () => pruneStep(opened().database, limits()),
    isOverSize() {
      const { database } = opened();
      const wal = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      return pragma(database, 'page_count') * pragma(database, 'page_size') + wal > maxBytes;
    },
    close() {
      try {
        open?.database.close();
      } catch {
        // An error on the way out changes nothing: what was committed is in the file or its log.
      }
      open = null;
    },
  };
};
