import { asDuration, type DurationMs } from '../shared/types.ts';

// How long a request may wait for an account. In milliseconds throughout; 0 is not at all.

/** Longer than this nobody's connection is known to stay open without a byte. */
const longestHoldMs = 240_000;

/** What a client must have left when its request goes on, or it hangs up on the answer. */
const spareMs = 30_000;

/** A pause for breath, or a wait for a place, that lasts longer is worth a move to another account. */
export const longestPaceMs = 10_000;

/**
 * How much longer the client of a request will wait for us, so many milliseconds after it came; Infinity when it does
 * not say. `stated` is its `X-Stainless-Timeout`, in seconds; what cannot be read counts as absent.
 */
export const patience = (stated: string | undefined, elapsedMs: number): number =>
  stated !== undefined && /^\d{1,9}(?:\.\d{1,9})?$/.test(stated)
    ? Math.max(0, Number(stated) * 1000 - spareMs - elapsedMs)
    : Infinity;

/** How long a request may be held while all its accounts are limited. */
export const holdTime = (holdMs: number, patienceMs: number): DurationMs =>
  asDuration(Math.max(0, Math.min(holdMs, longestHoldMs, patienceMs)));

/** How long it may wait for an account that only asked to slow down, or has no place free. */
export const paceTime = (patienceMs: number): DurationMs =>
  asDuration(Math.max(0, Math.min(longestPaceMs, patienceMs)));
