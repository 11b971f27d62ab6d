import { asEpoch, type EpochMs } from './types.ts';

/** Where the time comes from: an argument wherever a decision depends on it, so that tests own it. */
export type Clock = {
  /** Wall clock, for resets and for people. */
  now(): EpochMs;
  /** Milliseconds that only go forward, for durations. Its zero means nothing. */
  monotonic(): number;
};

export const systemClock: Clock = {
  now: () => asEpoch(Date.now()),
  monotonic: () => performance.now(),
};
