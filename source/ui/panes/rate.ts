import type { EpochMs } from '../../shared/types.ts';
import type { RequestRow } from '../../store/state.ts';

const minute = 60_000;

/** Index of the first row that arrived in the last minute; `rows.length` when none did. */
const firstRecent = (rows: readonly RequestRow[], now: EpochMs): number => {
  let index = rows.length;
  while (index > 0 && (rows[index - 1]?.request.at ?? 0) > now - minute) index -= 1;
  return index;
};

/** Requests that arrived in the last minute; when fewer than a minute's are kept, what the kept ones amount to. */
export const requestsPerMinute = (rows: readonly RequestRow[], seen: number, now: EpochMs): number => {
  const first = firstRecent(rows, now);
  const recent = rows.length - first;
  const oldest = rows[first];
  if (first > 0 || seen <= rows.length || oldest === undefined) return recent;
  return Math.round((recent * minute) / Math.max(1000, now - oldest.request.at));
};

/** In how many ms the next row leaves the last minute; Infinity when there is none in it. */
export const rateChangesIn = (rows: readonly RequestRow[], now: EpochMs): number => {
  const oldest = rows[firstRecent(rows, now)];
  return oldest === undefined ? Infinity : oldest.request.at + minute - now;
};
