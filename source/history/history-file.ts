import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../shared/clock.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import type { LimitSnapshot } from '../store/limit-news.ts';
import type { PricedRequest } from '../store/state.ts';
import type { SealedCapture } from './capture-rows.ts';
import { createCaptureTable, type CaptureLimits } from './capture-table.ts';
import { openDatabase, pragma, removeOldCopies } from './database.ts';
import { insertLimit, toLimitRow } from './limit-rows.ts';
import { pruneStep, type Limits } from './retention.ts';
import { insertRow, toRow } from './schema.ts';

export type HistoryFileOptions = {
  file: string;
  retentionDays: number;
  maxMiB: number;
  /** Left out = as the requests. */
  captures?: CaptureLimits | undefined;
  clock: Clock;
};

/** The file with its limits. Opened by the first use and by the first after `close`; errors are thrown as they come. */
export type HistoryFile = {
  /** Writes all the rows and snapshots in one transaction. */
  commit(rows: readonly PricedRequest[], limits?: readonly LimitSnapshot[]): void;
  /** Writes captures in a transaction of their own. What fails is not in the file, which stays open. */
  commitCaptures(captures: readonly SealedCapture[]): void;
  /** From now on. */
  limitCaptures(limits: CaptureLimits): void;
  /** One step towards the limits of age and size; returns whether there is more to do. */
  prune(): boolean;
  /** Whether it has grown beyond one of its limits of size. */
  isOverSize(): boolean;
  /** Never throws. Rows of a transaction that failed are not in the file. */
  close(): void;
};

const dayMs = 24 * 3600 * 1000;

/** The history on disk, for the one thread that writes it. */
export const createHistoryFile = (options: HistoryFileOptions): HistoryFile => {
  const { file, retentionDays, clock } = options;
  const maxBytes = options.maxMiB * 1024 * 1024;
  const captures = createCaptureTable(options.captures ?? { days: retentionDays, maxMiB: options.maxMiB });
  let open: { database: DatabaseSync; insert: StatementSync; insertLimit: StatementSync } | null = null;

  const before = (days: number): EpochMs => asEpoch(clock.now() - days * dayMs);
  const limits = (): Limits => ({
    now: clock.now(),
    olderThan: before(retentionDays),
    maxBytes,
    captures: { olderThan: before(Math.min(captures.days(), retentionDays)), maxBytes: captures.maxBytes() },
  });

  const opened = (): NonNullable<typeof open> => {
    if (open) return open;
    const database = openDatabase(file, maxBytes);
    captures.look(database);
    open = {
      database,
      insert: database.prepare(insertRow),
      insertLimit: database.prepare(insertLimit),
    };
    return open;
  };

  return {
    commit(rows, limits = []) {
      const { database, insert, insertLimit: insertOne } = opened();
      database.exec('begin immediate');
      for (const row of rows) insert.run(...toRow(row));
      for (const limit of limits) insertOne.run(...toLimitRow(limit));
      database.exec('commit');
    },
    commitCaptures: (rows) => captures.commit(opened().database, rows),
    limitCaptures: captures.setLimits,
    prune() {
      const { database } = opened();
      const goesOn = pruneStep(database, limits());
      if (goesOn) return true;
      captures.look(database);
      removeOldCopies(file, clock.now(), retentionDays);
      return goesOn;
    },
    isOverSize() {
      const { database } = opened();
      if (captures.isOverSize()) return true;
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
