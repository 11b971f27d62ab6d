import type { EpochMs } from '../../shared/types.ts';
import { endedBadly, requestsPerMinute } from '../../store/selectors.ts';
import type { RequestRow, State } from '../../store/state.ts';

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

type Kept = Pick<State, 'rows' | 'seen' | 'startedAt'>;

/**
 * Since when every request is still among the rows: from the start, until rows have to make room. Finished ones go
 * first, so the oldest of them tells.
 */
const completeSince = ({ rows, seen, startedAt }: Kept): number => {
  if (seen <= rows.length) return startedAt;
  const oldest = rows.find(({ kind }) => kind === 'finished');
  // Rows of its own millisecond may be gone.
  return oldest === undefined ? Infinity : oldest.request.at + 1;
};

/**
 * How many requests arrived in each of the last `minutes` minutes of the clock, oldest first; in place of the minute that
 * runs stands the rate of now, so that none looks like a fall in traffic. null = not known: rows of it are gone, or nothing
 * ran yet.
 */
export const minuteCounts = (state: Kept, now: EpochMs, minutes: number): (number | null)[] => {
  const first = (Math.floor(now / minute) - minutes + 1) * minute;
  const counts = Array.from({ length: minutes }, () => 0);
  for (let index = state.rows.length - 1; index >= 0; index -= 1) {
    const at = (state.rows[index]?.request.at ?? 0) - first;
    const place = Math.floor(at / minute);
    // Rows stand in the order of arrival, give or take a batch.
    if (place < -1) break;
    if (place >= 0 && place < minutes) counts[place] = (counts[place] ?? 0) + 1;
  }
  const since = completeSince(state);
  const evicted = state.seen > state.rows.length;
  return counts.map((count, index) => {
    if (index === minutes - 1) return requestsPerMinute(state, now);
    const [start, end] = [first + index * minute, first + (index + 1) * minute];
    // Before the instance ran nothing arrived; what a minute lost to make room nobody knows.
    return (evicted ? start >= since : end > since) ? count : null;
  });
};

/** Counts as a row of bars, the largest as the highest one; only nothing at all is the lowest, the unknown is blank. */
export const sparkline = (counts: readonly (number | null)[], sparks: string): string => {
  const most = Math.max(1, ...counts.map((count) => count ?? 0));
  const top = sparks.length - 1;
  return counts
    .map((count) => (count === null ? ' ' : (sparks[Math.ceil((count / most) * top)] ?? ' ')))
    .join('');
};

/** Whether a request ended badly within the last minute. */
export const failsNow = ({ rows }: Pick<State, 'rows'>, now: EpochMs): boolean =>
  rows.some(
    (row) =>
      row.kind === 'finished' && endedBadly(row) && row.request.at + row.request.totalMs > now - minute,
  );

/** Whether rows of the last minute are gone, so that how many requests it had is only an estimate. */
export const isRateEstimated = (state: Kept, now: EpochMs): boolean =>
  state.seen > state.rows.length && completeSince(state) > now - minute;

/** How long an error is worth the header. */
export const errorMinutes = 5;

/**
 * Requests that ended badly within the last five minutes; one that the client gave up is none. `atLeast`: rows of that
 * time are gone, there may have been more.
 */
export const recentErrors = (state: Kept, now: EpochMs): { count: number; atLeast: boolean } => {
  const from = now - errorMinutes * minute;
  const count = state.rows.filter(
    (row) => row.kind === 'finished' && endedBadly(row) && row.request.at + row.request.totalMs > from,
  ).length;
  return { count, atLeast: state.seen > state.rows.length && completeSince(state) > from };
};
