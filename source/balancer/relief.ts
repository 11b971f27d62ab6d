import { blockOf, type AccountRuntime } from './account-state.ts';
import { isFull } from './places.ts';
import type { Candidate } from './strategies.ts';
import type { EpochMs } from '../shared/types.ts';

/**
 * What a change of an account is to those who wait for one. `state`: whom it serves may be another matter; `place`: it has
 * a place free, and had none; `fewer`: it has one request fewer under way.
 */
export type Relief = 'state' | 'place' | 'fewer';

/**
 * null for what helps nobody, as nearly all does: one more request under way, or windows that keep nobody out. `before`:
 * null when the account itself was changed, or time alone has changed it. What is spent for one model only does not show:
 * who waits for that finds out with a look at the clock. Pure.
 */
export const reliefOf = (
  { record, runtime }: Candidate,
  before: AccountRuntime | null,
  now: EpochMs,
): Relief | null => {
  if (before === null) return 'state';
  if (runtime.inFlight < before.inFlight) {
    return isFull({ record, runtime: before }) && !isFull({ record, runtime }) ? 'place' : 'fewer';
  }
  // Who rests, or has no credential, is worth a look each time; windows come with every answer.
  const { rests, credentialProblem, windows, overage } = runtime;
  if (rests !== before.rests || credentialProblem !== before.credentialProblem) return 'state';
  if (windows === before.windows && overage === before.overage) return null;
  const serves = blockOf(record, runtime, null, now) === null;
  return serves === (blockOf(record, before, null, now) === null) ? null : 'state';
};
