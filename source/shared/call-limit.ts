import type { LimitWindow } from './types.ts';

/** A quota window as the answer to one request told of it; a row without any was told of none. */
export type CallLimit = Pick<LimitWindow, 'id' | 'scope' | 'utilization' | 'status' | 'resetsAt'>;

/** No provider has so many that matter; a row stays small. */
const most = 8;

/** What of an answer's windows its row keeps: the first few; null when it told of none, or there was no answer. */
export const callLimits = (told: { windows: readonly LimitWindow[] } | null): CallLimit[] | null =>
  told === null || told.windows.length === 0
    ? null
    : told.windows.slice(0, most).map(({ id, scope, utilization, status, resetsAt }) => ({
        id,
        scope,
        utilization,
        status,
        resetsAt,
      }));
