import type { LimitReading } from './limits.ts';
import { asDuration, type DurationMs, type EpochMs, type LimitWindow } from '../shared/types.ts';

/** What one upstream answer, or its absence, means for the request and for its account. */
export type Verdict =
  /** The client gets it. */
  | { kind: 'forwarded' }
  /** A window is spent: the account rests until its reset. It did not run, so it costs no attempt. */
  | { kind: 'limited'; until: EpochMs; window: string | null; scope: string | null }
  /** Too fast for the moment: the account rests shortly. */
  | { kind: 'pacing'; until: EpochMs }
  /** A refusal without any limit data: the account rests for this model alone. */
  | { kind: 'refused' }
  | { kind: 'overloaded' }
  | { kind: 'failed' }
  | { kind: 'unauthorized' }
  | { kind: 'unreachable' };

export type VerdictKind = Verdict['kind'];

/** Answers that prove that the request ran nowhere and that may be asked of another account for free. */
export const freeVerdicts: ReadonlySet<VerdictKind> = new Set(['limited', 'unauthorized']);

/** A retry-after above this is a quota that ran out, not pace. */
const longestPace = asDuration(60_000);
const shortestPace = asDuration(1000);

/** Judges a complete response head. Pure. */
export const judge = (status: number, limits: LimitReading, now: EpochMs): Verdict => {
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 429) return judgeLimit(limits, now);
  if (status === 529) return { kind: 'overloaded' };
  if (status >= 500 || status < 200) return { kind: 'failed' };
  return { kind: 'forwarded' };
};

const judgeLimit = (limits: LimitReading, now: EpochMs): Verdict => {
  const { spent, retryAfterMs, rejectedUntil, windows } = limits;
  const binding = latest(spent);
  if (binding?.resetsAt) {
    return { kind: 'limited', until: binding.resetsAt, window: binding.id, scope: binding.scope };
  }
  if (rejectedUntil !== null && rejectedUntil > now) {
    return { kind: 'limited', until: rejectedUntil, window: null, scope: null };
  }
  if (retryAfterMs === null)
    return windows.length === 0 ? { kind: 'refused' } : { kind: 'pacing', until: later(now, shortestPace) };
  const until = later(now, Math.max(shortestPace, retryAfterMs));
  if (retryAfterMs > longestPace) return { kind: 'limited', until, window: null, scope: null };
  return { kind: 'pacing', until };
};

const later = (now: EpochMs, ms: number): EpochMs => (now + ms) as EpochMs;

/** Of several spent windows the one that opens last: before that the account cannot serve. */
const latest = (windows: readonly LimitWindow[]): LimitWindow | undefined =>
  windows.toSorted((a, b) => (b.resetsAt ?? 0) - (a.resetsAt ?? 0))[0];

/** How often one request may try: attempts that may have run, and accounts asked in all. */
export const attemptLimit = 3;
export const accountLimit = 10;

/**
 * Whether another account may be asked after these verdicts, in the order they came. What must not run twice is not
 * even sent twice, except after a refused key, which is no answer to the client. Pure.
 */
export const mayTryAgain = (verdicts: readonly VerdictKind[], replayable: boolean): boolean => {
  if (verdicts.length >= accountLimit) return false;
  if (!replayable && verdicts.some((kind) => kind !== 'unauthorized')) return false;
  return verdicts.filter((kind) => !freeVerdicts.has(kind)).length < attemptLimit;
};

/** The rest after the n-th failure in a row (n from 1): 1 s doubling to 60 s. */
export const backOff = (failures: number): DurationMs =>
  asDuration(Math.min(60_000, 1000 * 2 ** Math.min(Math.max(failures, 1) - 1, 6)));
