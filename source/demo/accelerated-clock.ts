import type { Clock } from '../shared/clock.ts';
import { asEpoch } from '../shared/types.ts';

/** A clock that starts with `clock` and runs `speed` times as fast: at 3600 an hour passes in a second. At 1 it is `clock`. */
export const acceleratedClock = (clock: Clock, speed: number): Clock => {
  if (speed === 1) return clock;
  const start = clock.now();
  const monotonicStart = clock.monotonic();
  const passed = (): number => (clock.monotonic() - monotonicStart) * speed;
  return {
    now: () => asEpoch(start + passed()),
    monotonic: () => monotonicStart + passed(),
  };
};
