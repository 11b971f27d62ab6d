import type { Clock } from '../../source/shared/clock.ts';
import { asEpoch } from '../../source/shared/types.ts';

export type FakeClock = Clock & {
  /** Time passes: both readings go forward. */
  advance(ms: number): void;
  /** Somebody sets the wall clock: only `now` changes. */
  setWall(epochMs: number): void;
};

/** A clock that only moves when the test says so. Starts on 2026-11-22, 03:00 UTC. */
export const createFakeClock = (start = Date.UTC(2026, 10, 22, 3)): FakeClock => {
  let wall = start;
  let monotonic = 1000;
  return {
    now: () => asEpoch(wall),
    monotonic: () => monotonic,
    advance(ms) {
      wall += ms;
      monotonic += ms;
    },
    setWall(epochMs) {
      wall = epochMs;
    },
  };
};
