import type { DatabaseSync } from 'node:sqlite';
import { captureBytes, insertCapture, toCaptureRow, type SealedCapture } from './capture-rows.ts';

/** How long and how much of what is captured is kept. */
export type CaptureLimits = { days: number; maxMiB: number };

/** The captures in the history that is open, and their limits. */
export type CaptureTable = {
  /** How large they are is looked up now. */
  look(database: DatabaseSync): void;
  /** All of them in a transaction, or none; throws what SQLite throws. The file stays usable. */
  commit(database: DatabaseSync, captures: readonly SealedCapture[]): void;
  setLimits(limits: CaptureLimits): void;
  days(): number;
  maxBytes(): number;
  isOverSize(): boolean;
};

export const createCaptureTable = (first: CaptureLimits): CaptureTable => {
  let limits = first;
  let bytes = 0;
  const maxBytes = (): number => limits.maxMiB * 1024 * 1024;
  return {
    look(database) {
      bytes = captureBytes(database);
    },
    commit(database, captures) {
      const insert = database.prepare(insertCapture);
      database.exec('begin immediate');
      try {
        for (const capture of captures) insert.run(...toCaptureRow(capture));
        database.exec('commit');
      } catch (error) {
        if (database.isTransaction) database.exec('rollback');
        throw error;
      }
      for (const { sealed } of captures) bytes += sealed.length;
    },
    setLimits(next) {
      limits = next;
    },
    days: () => limits.days,
    maxBytes,
    isOverSize: () => bytes > maxBytes(),
  };
};
