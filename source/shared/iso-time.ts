import type { EpochMs } from './types.ts';

/** The time as files and scripts have it, `2026-11-22T10:58:00.000Z`; null for none. */
export const isoTime = (time: EpochMs | null): string | null =>
  time === null ? null : new Date(time).toISOString();
