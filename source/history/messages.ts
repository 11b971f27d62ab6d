import type { PricedRequest } from '../store/state.ts';

// What crosses between the main thread and the history's own.

/** Whether requests are being written down; `reason` says why not, or what is missing. */
export type HistoryStatus = { ok: boolean; reason: string | null };

export type HistorySettings = {
  file: string;
  retentionDays: number;
  maxMiB: number;
  retryMs: number;
};

/** Crosses as JSON text, which takes half the time of objects (measured). */
export type ToHistory = { type: 'rows'; rows: readonly PricedRequest[] } | { type: 'close' };

export type FromHistory =
  | { type: 'status'; status: HistoryStatus }
  /** The newest `rows` were taken: the next may come. */
  | { type: 'taken' };
