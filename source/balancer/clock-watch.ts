import type { Clock } from '../shared/clock.ts';

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
