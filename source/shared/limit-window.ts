import type { EpochMs, LimitWindow } from './types.ts';

// What a quota window is, for whoever chooses by it, tells of it or draws it.

/** A limit per minute of an API key. It refills all the time: what is used of it at one moment is no news. */
export const isBucket = ({ id, status }: Pick<LimitWindow, 'id' | 'status'>): boolean =>
  status === null && /(?:^|-)(?:requests|tokens)$/.test(id);

/** Whether nothing is left, by the server's word or by its figure. */
export const isFull = ({ status, utilization }: Pick<LimitWindow, 'status' | 'utilization'>): boolean =>
  status === 'rejected' || (utilization ?? 0) >= 1;

/** A reset that moves by less is the same one: servers round. */
const sameResetMs = 60_000;

/** Whether two times that were told of a reset mean the same one; null = none was told. */
export const isSameReset = (a: EpochMs | null, b: EpochMs | null): boolean =>
  Math.abs((a ?? 0) - (b ?? 0)) < sameResetMs;
