import { packRequest, unpackRequest, type PackedRequest } from '../shared/packed-events.ts';
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

export type ToHistory = { type: 'rows'; rows: readonly PricedRequest[] } | { type: 'close' };

export type FromHistory =
  | { type: 'status'; status: HistoryStatus }
  /** The newest `rows` were taken: the next may come. */
  | { type: 'taken' };

type PackedRow = readonly [costUsd: number | null, request: PackedRequest];
type Packed = { type: 'rows'; rows: readonly PackedRow[] } | { type: 'close' };

/** The text of a message: it crosses in half the time that objects take (measured). */
export const packMessage = (message: ToHistory): string => {
  const packed: Packed =
    message.type === 'rows'
      ? { type: 'rows', rows: message.rows.map((row) => [row.costUsd, packRequest(row)] as const) }
      : message;
  return JSON.stringify(packed);
};

/** The message that a text of `packMessage` stands for. */
export const unpackMessage = (json: string): ToHistory => {
  const packed = JSON.parse(json) as Packed;
  if (packed.type !== 'rows') return packed;
  const rows = packed.rows.map(([costUsd, request]) => ({ ...unpackRequest(request), costUsd }));
  return { type: 'rows', rows };
};
