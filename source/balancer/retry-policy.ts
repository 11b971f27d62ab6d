import { isExtra, isHardStatus } from '../shared/limit-window.ts';
import { asDuration, type DurationMs, type EpochMs, type LimitWindow } from '../shared/types.ts';
import { isSpent, isUsedUp, type LimitReading } from './limits.ts';

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
/** A window of which nothing is left, and nobody said until when, is asked again after this long. */
const unknownRest = asDuration(60_000);

/** Judges a complete response head. Pure. */
export const judge = (status: number, limits: LimitReading, now: EpochMs): Verdict => {
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 429) return judgeLimit(limits, now);
  if (status === 529) return { kind: 'overloaded' };
  if (status >= 500 || status < 200) return { kind: 'failed' };
  return { kind: 'forwarded' };
};

/** What an error means that came with a status of success, by its type; null when another account would say the same. */
export const judgeError = (type: string): Verdict | null =>
  Object.hasOwn(errorVerdicts, type) ? { kind: errorVerdicts[type as keyof typeof errorVerdicts] } : null;

const errorVerdicts = {
  overloaded_error: 'overloaded',
  // Without limit data, as every 429 that has none.
  rate_limit_error: 'refused',
  api_error: 'failed',
  timeout_error: 'failed',
} as const;

/** The three meanings of a refusal: a window is spent, too fast, or this request alone is not served. */
const judgeLimit = (limits: LimitReading, now: EpochMs): Verdict => {
  const { retryAfterMs, rejectedUntil, windows, status, outOfCredits } = limits;
  // Not `limits.spent`: where overage is in use, it has refused, too.
  const binding = latest(windows.filter((window) => isSpent(window, now)));
  if (binding?.resetsAt) {
    return { kind: 'limited', until: binding.resetsAt, window: binding.id, scope: binding.scope };
  }
  const endless = windows.find((window) => isUsedUp(window) && window.resetsAt === null);
  const claim = isHardStatus(status) && limits.claim && !isExtra(limits.claim) ? limits.claim : null;
  const place = endless ?? claim;
  const limited = (until: EpochMs): Verdict => ({
    kind: 'limited',
    until,
    window: place?.id ?? null,
    scope: place?.scope ?? null,
  });
  if (outOfCredits && place === null) return { kind: 'refused' };
  if (rejectedUntil !== null && rejectedUntil > now) return limited(rejectedUntil);
  if (retryAfterMs === null) {
    if (endless) return limited(later(now, unknownRest));
    return windows.some((window) => !isExtra(window))
      ? { kind: 'pacing', until: later(now, shortestPace) }
      : { kind: 'refused' };
  }
  const until = later(now, Math.max(shortestPace, retryAfterMs));
  return retryAfterMs > longestPace || endless ? limited(until) : { kind: 'pacing', until };
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

/** A refused key is asked again after this long: providers were seen to refuse good keys for a while. */
export const refusedKeyRest = asDuration(5 * 60_000);
