import type { AccountView, EpochMs } from '../shared/types.ts';
import type { State } from '../store/state.ts';
import { bannerChangesIn } from './panes/banner.ts';
import { rateChangesIn } from './panes/rate.ts';

const second = 1000;
const minute = 60 * second;

/**
 * In how many ms a countdown to that moment has to be drawn again. Below 10 minutes it ticks in seconds. Above, it is
 * drawn with the clock once a minute, whatever second it would change at: it rounds up and so promises nothing too
 * early, and all countdowns together cost one redraw a minute.
 */
const countdownChangesIn = (until: EpochMs | null, now: EpochMs): number => {
  const left = until === null ? 0 : until - now;
  if (left <= 0) return Infinity;
  if (left > 10 * minute) return left - 10 * minute;
  return left % second === 0 ? second : left % second;
};

const accountChangesIn = ({ availableAt, tokenExpiresAt, windows }: AccountView, now: EpochMs): number =>
  Math.min(
    countdownChangesIn(availableAt, now),
    countdownChangesIn(tokenExpiresAt ?? null, now),
    ...windows.map(({ resetsAt }) => countdownChangesIn(resetsAt, now)),
  );

/**
 * In how many ms the screen looks different although nothing happens: the clock, a countdown, a request that still
 * runs, a request that leaves the rate of the last minute. At most a minute, at least 50 ms.
 */
export const nextChangeIn = (state: State, now: EpochMs): number => {
  const soonest = Math.min(
    minute - (now % minute),
    state.inFlight > 0 ? second : Infinity,
    Math.max(second, rateChangesIn(state.rows, now)),
    bannerChangesIn(state, now),
    ...state.accounts.map((account) => accountChangesIn(account, now)),
  );
  return Math.max(50, soonest);
};
