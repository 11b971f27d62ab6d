import type { PricedRequest } from '../store/state.ts';
import { newestRow, readRowsAfter } from './queries.ts';

/** The end of a history that grows. */
export type Follower = {
  /** The newest row when the following began: what came up to it is none of `next`. Null = there was none. */
  readonly newest: number | null;
  /** The requests that were added since the last call, or since the beginning; at most a thousand at a time. */
  next(): PricedRequest[];
};

/** Follows the file from now on, whether there is one already or not. Throws `history_unavailable` as reading does. */
export const followHistory = (file: string): Follower => {
  const newest = newestRow(file);
  let last = newest ?? 0;
  return {
    newest,
    next() {
      // One that was cleared, or begun anew after damage, counts from the beginning.
      if ((newestRow(file) ?? 0) < last) last = 0;
      const rows = readRowsAfter(file, last);
      last = rows.at(-1)?.row ?? last;
      return rows.map(({ request }) => request);
    },
  };
};
