import type { Clock } from '../shared/clock.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import type { AccountRuntime } from './account-state.ts';

/** Sees when somebody sets the wall clock back: what was to end at a time would then end that much later, or in years. */
export type ClockWatch = {
  /** By how many milliseconds it was set back since the last call; 0 when it was not. Call it every second or so. */
  setBackBy(): number;
};

/** Less is how the two clocks of a machine drift apart, and harms nobody until it has come to this. */
const smallestMs = 1000;

/** A clock that is set forward, and a machine that slept, end everything sooner by themselves: that is 0. */
export const watchClock = ({ now, monotonic }: Clock): ClockWatch => {
  let ahead = now() - monotonic();
  return {
    setBackBy() {
      const current = now() - monotonic();
      const back = ahead - current;
      if (back >= 0 && back < smallestMs) return 0;
      ahead = current;
      return Math.max(0, back);
    },
  };
};

/**
 * The same account after the wall clock was set back by so many milliseconds: what it rests from lasts as long as it
 * would have, and it was not used in the future, which would keep its turn from coming.
 */
export const clockSetBack = (runtime: AccountRuntime, ms: number): AccountRuntime => {
  const earlier = (time: EpochMs): EpochMs => asEpoch(time - ms);
  const orNull = (time: EpochMs | null): EpochMs | null => (time === null ? null : earlier(time));
  return {
    ...runtime,
    rests: runtime.rests.map((rest) => ({ ...rest, until: earlier(rest.until) })),
    windows: runtime.windows.map((window) => ({
      ...window,
      resetsAt: orNull(window.resetsAt),
      seenAt: earlier(window.seenAt),
    })),
    ejected: runtime.ejected && { ...runtime.ejected, until: earlier(runtime.ejected.until) },
    ramp: runtime.ramp && { ...runtime.ramp, since: earlier(runtime.ramp.since) },
    lastUsedAt: orNull(runtime.lastUsedAt),
    askedAnywayAt: orNull(runtime.askedAnywayAt),
  };
};
