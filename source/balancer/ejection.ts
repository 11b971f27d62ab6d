import { benchReasons, blockOf, type AccountRuntime } from './account-state.ts';
import { withRest } from './rests.ts';
import { backOff, type Verdict } from './retry-policy.ts';
import type { Candidate } from './strategies.ts';
import { asDuration, asEpoch, type AccountId, type DurationMs, type EpochMs } from '../shared/types.ts';

// An account that fails again and again is left out for longer than its back-off. The numbers are those of Envoy's
// outlier detection, but for the share: it takes out a tenth of hundreds of hosts at most, and nobody has that many accounts.

/** Failures in a row after which an account is left out. */
export const failuresToEject = 5;
/** How long, the first time; the second time twice that, and so on. */
const baseMs = 30_000;
const mostTimes = 10;
/** After as long a time in service it is the first time again. */
const forgivenMs = 600_000;

/** How long an account is left out the n-th time (n from 1): 30 s × n, 5 min at most. */
export const ejectionTime = (times: number): DurationMs =>
  asDuration(baseMs * Math.min(Math.max(times, 1), mostTimes));

const failureOf = ({ kind }: Verdict): string | null =>
  kind === 'overloaded' || kind === 'failed' || kind === 'unreachable' ? benchReasons[kind] : null;

/** Whether it is left out now: an answer ends that as it ends every back-off. */
export const isEjected = ({ ejected, rests }: AccountRuntime, now: EpochMs): boolean =>
  ejected !== null &&
  ejected.until > now &&
  rests.some(({ state, until }) => state === 'benched' && until === ejected.until);

/**
 * The account after a verdict that was its fifth failure in a row, or a later one: left out, unless it is the last that can
 * serve, or more than half of all would be out. What fails while it is out was sent before, and lengthens nothing.
 * `after` is what the verdict itself has made of it; that is returned when it is not left out. Pure.
 */
export const ejected = (
  { record: { id }, runtime }: Candidate,
  after: AccountRuntime,
  verdict: Verdict,
  { all, now }: { all: readonly Candidate[]; now: EpochMs },
): AccountRuntime => {
  const failure = failureOf(verdict);
  if (failure === null) return after;
  if (isEjected(runtime, now)) return { ...after, rests: runtime.rests };
  if (after.failures < failuresToEject || !isSpared(id, all, now)) return after;
  const before = after.ejected;
  const times = before === null || now - before.until > forgivenMs ? 1 : before.times + 1;
  const until = asEpoch(now + Math.max(ejectionTime(times), backOff(after.failures)));
  const again = times > 1 ? `, for the ${ordinal(times)} time` : '';
  const reason = `left out after ${after.failures} failures in a row${again}: ${failure}`;
  const rest = { state: 'benched', until, scope: null, model: null, reason } as const;
  return { ...after, rests: withRest(after.rests, rest, now), ejected: { times, until } };
};

/** Whether the others can do without it: one of them can serve, and no more than half of all are out with it. */
const isSpared = (id: AccountId, all: readonly Candidate[], now: EpochMs): boolean => {
  const inService = all.filter(({ record, runtime }) => !record.paused && runtime.credentialProblem === null);
  const others = inService.filter(({ record }) => record.id !== id);
  const out = others.filter(({ runtime }) => isEjected(runtime, now)).length + 1;
  const canServe = others.some(({ record, runtime }) => blockOf(record, runtime, null, now) === null);
  return canServe && out * 2 <= inService.length;
};

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth'];

const ordinal = (times: number): string => ordinals[times - 1] ?? `${times}th`;
