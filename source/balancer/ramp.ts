import { dispatched, type AccountRuntime } from './account-state.ts';
import type { Judged } from './choice-words.ts';
import { asDuration, asEpoch, type AccountId, type DurationMs, type EpochMs } from '../shared/types.ts';

// When a limit moves many conversations at once, the account that they move to gets them one after the other: the first
// answers tell whether it serves, and those that come after can still go elsewhere.

/** How long after the first of them an account is spared, and how long a conversation that moved counts as one. */
const rampMs = 30_000;
/** One more at once after each of these. */
const stepMs = 250;

/** How long the ramp may keep one request: a second, less what a look at it may come late. */
export const longestRampMs: DurationMs = asDuration(950);

/** A clock that was set back ends it. */
const isRecent = (since: EpochMs, now: EpochMs): boolean => now >= since && now - since < rampMs;

const isRunning = (ramp: AccountRuntime['ramp'], now: EpochMs): ramp is NonNullable<AccountRuntime['ramp']> =>
  ramp !== null && isRecent(ramp.since, now);

/** The account as a conversation comes to it that a limit moved: from the first one on it is spared for a while. Pure. */
export const joined = (runtime: AccountRuntime, now: EpochMs): AccountRuntime =>
  isRunning(runtime.ramp, now) ? runtime : { ...runtime, ramp: { since: now, before: runtime.inFlight } };

/** What is out of the ordinary about a request: it is sent although the account is limited, or a limit has moved its conversation. */
export type Asking = { isAnyway?: boolean; isMoved?: boolean };

/** The account with one more request under way. Pure. */
export const asked = (runtime: AccountRuntime, now: EpochMs, { isAnyway, isMoved }: Asking): AccountRuntime =>
  dispatched(isMoved === true ? joined(runtime, now) : runtime, now, isAnyway);

/**
 * When the account takes one more such conversation by the passing of time alone; null = now. At once it has as many
 * requests as it had before the first of them, one more, and one more for each quarter of a second. Pure.
 */
export const rampedUntil = ({ ramp, inFlight }: AccountRuntime, now: EpochMs): EpochMs | null => {
  if (!isRunning(ramp, now)) return null;
  const until = ramp.since + Math.max(0, inFlight - ramp.before) * stepMs;
  return until > now ? asEpoch(until) : null;
};

/** What the choice of an account means for a conversation that a limit moved. */
export type Move = {
  /** It comes to the account with this request. */
  isNew: boolean;
  /** When the account takes it; null = now. */
  rampedUntil: EpochMs | null;
};

const limits: ReadonlySet<string | undefined> = new Set(['limited', 'capped']);

type Moving = {
  /** Of all candidates. */
  judged: readonly Judged[];
  /** Of a conversation or not; where that was served last, null for nowhere; when a limit moved it there. */
  request: { session: boolean; home: AccountId | null; movedAt?: EpochMs | null };
  /** Whether another account could take it, too. */
  isOtherFree: boolean;
};

/** null when no limit moves the conversation to the chosen account, nor has within half a minute. Pure. */
export const moveTo = (
  { record: { id }, runtime }: Pick<Judged, 'record' | 'runtime'>,
  { judged, request: { session, home, movedAt = null }, isOtherFree }: Moving,
  now: EpochMs,
): Move | null => {
  if (!session || home === null) return null;
  const isNew = id !== home;
  const isMoved = isNew
    ? judged.some(({ record, block }) => record.id === home && limits.has(block?.state))
    : movedAt !== null && isRecent(movedAt, now);
  if (!isMoved) return null;
  return { isNew, rampedUntil: isOtherFree ? rampedUntil(runtime, now) : null };
};
