import type { EpochMs } from '../../shared/types.ts';
import type { RequestRow } from '../../store/state.ts';

const minute = 60_000;

/** Index of the first row that arrived in the last minute; `rows.length` when none did. */
const firstRecent = (rows: readonly RequestRow[], now: EpochMs): number => {
  let index = rows.length;
  while (index > 0 && (rows[index - 1]?.request.at ?? 0) > now - minute) index -= 1;
  return index;
};

/** In how many ms the next row leaves the last minute; Infinity when there is none in it. */
export const rateChangesIn = (rows: readonly RequestRow[], now: EpochMs): number => {
  const oldest = rows[firstRecent(rows, now)];
  return oldest === undefined ? Infinity : oldest.request.at + minute - now;
};
