import type { AccountView, EpochMs } from '../shared/types.ts';
import type { State } from '../store/state.ts';
import { rateChangesIn } from './panes/rate.ts';

const second = 1000;
const minute = 60 * second;

/** In how many ms a countdown to that moment shows something else: seconds tick only below 10 minutes. */
const countdownChangesIn = (until: EpochMs | null, now: EpochMs): number => {
  const left = until === null ? 0 : until - now;
  if (left <= 0) return Infinity;
  const unit = left <= 10 * minute ? second : minute;
  return left % unit === 0 ? unit : left % unit;
};

const accountChangesIn = ({ availableAt, windows }: AccountView, now: EpochMs): number =>
  Math.min(
    countdownChangesIn(availableAt, now),
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
    ...state.accounts.map((account) => accountChangesIn(account, now)),
  );
  return Math.max(50, soonest);
};
