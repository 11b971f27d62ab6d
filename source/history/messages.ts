import { packRequest, unpackRequest, type PackedRequest } from '../shared/packed-events.ts';
import type { LimitSnapshot } from '../store/limit-news.ts';
import type { Statistics, StatsQuestion } from '../shared/statistics.ts';
import type { PricedRequest } from '../store/state.ts';
import type { FoundHeads, PassedCapture } from '../shared/capture.ts';
import type { CaptureLimits } from './capture-table.ts';
import type { Answer } from './questions.ts';

// What crosses between the main thread and the history's own.

/** Whether requests are being written down; `reason` says why not, or what is missing. */
export type HistoryStatus = { ok: boolean; reason: string | null };

export type HistorySettings = {
  file: string;
  retentionDays: number;
  maxMiB: number;
  retryMs: number;
  /** How long and how much of what is captured is kept, also while nothing is. */
  captures?: CaptureLimits | undefined;
};

/** With what captures are encrypted, and how long they are kept; null = none will come. */
export type CaptureRules = { key: Uint8Array | null } & CaptureLimits;

/** These cross as they are: the buffers of captures are handed over. */
export type CaptureMessage =
  | { type: 'captureRules'; rules: CaptureRules }
  | { type: 'capture'; capture: PassedCapture };

export type ToHistory =
  | { type: 'rows'; rows: readonly PricedRequest[]; limits?: readonly LimitSnapshot[] }
  | { type: 'question'; id: number; question: StatsQuestion }
  /** What was captured of the heads of that request. */
  | { type: 'heads'; id: number; request: string }
  | { type: 'close' };

export type FromHistory =
  | { type: 'status'; status: HistoryStatus }
  /** The newest `rows` were taken: the next may come. */
  | { type: 'taken' }
  /** A capture was taken; `lost`: why it was not written, null when it was. */
  | { type: 'captureTaken'; lost: string | null }
  | ({ type: 'answer' } & Answer<Statistics>)
  | ({ type: 'heads' } & Answer<FoundHeads>);

type PackedRow = readonly [costUsd: number | null, cacheSavedUsd: number | null, request: PackedRequest];
type Packed =
  | { type: 'rows'; rows: readonly PackedRow[]; limits?: readonly LimitSnapshot[] }
  | Exclude<ToHistory, { type: 'rows' }>;

/** The text of a message: it crosses in half the time that objects take (measured). */
export const packMessage = (message: ToHistory): string => {
  const packed: Packed =
    message.type === 'rows'
      ? {
          ...message,
          rows: message.rows.map((row) => [row.costUsd, row.cacheSavedUsd, packRequest(row)] as const),
        }
      : message;
  return JSON.stringify(packed);
};

/** The message that a text of `packMessage` stands for. */
export const unpackMessage = (json: string): ToHistory => {
  const packed = JSON.parse(json) as Packed;
  if (packed.type !== 'rows') return packed;
  const rows = packed.rows.map(([costUsd, cacheSavedUsd, request]) => ({
    ...unpackRequest(request),
    costUsd,
    cacheSavedUsd,
  }));
  return { ...packed, rows };
};
