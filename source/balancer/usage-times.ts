import type { AccountRecord, LimitWindow } from '../shared/types.ts';

// When the usage of a login is asked for. The endpoint has a strict limit of its own, which can last for hours.

/** What is known of asking for one account; times are monotonic ms. */
export type UsageTimes = {
  /** Not before then, in the background. */
  dueAt: number;
  /** When it was asked for last; null = not yet. */
  askedAt: number | null;
  /** In a row. */
  failures: number;
};

export const unaskedUsage: UsageTimes = { dueAt: 0, askedAt: null, failures: 0 };

const longestMs = 30 * 60_000;
/** A person who presses a key again and again is not to wear the endpoint's own limit down. */
const leastMs = 60_000;

/** After an answer, or a failure: twice as long after each failure in a row, up to half an hour. */
export const usageAsked = (
  { failures }: UsageTimes,
  ok: boolean,
  pollMs: number,
  monotonic: number,
): UsageTimes => {
  const count = ok ? 0 : failures + 1;
  const pause = ok ? pollMs : Math.max(pollMs, Math.min(longestMs, pollMs * 2 ** Math.min(count, 8)));
  return { dueAt: monotonic + pause, askedAt: monotonic, failures: count };
};

/** How long a person has to wait until it is asked for again, in ms; 0 = not at all. */
export const usageWait = ({ askedAt }: UsageTimes, monotonic: number): number =>
  askedAt === null ? 0 : Math.max(0, askedAt + leastMs - monotonic);

/** Whether it is time to ask in the background: nobody has told of its windows for as long, and it is in use. */
export const isUsageDue = (
  { kind, paused }: Pick<AccountRecord, 'kind' | 'paused'>,
  windows: readonly Pick<LimitWindow, 'seenAt'>[],
  { dueAt }: UsageTimes,
  { pollMs, now, monotonic }: { pollMs: number; now: number; monotonic: number },
): boolean => {
  if (kind !== 'login' || paused || pollMs === 0 || monotonic < dueAt) return false;
  const newest = Math.max(Number.NEGATIVE_INFINITY, ...windows.map(({ seenAt }) => seenAt));
  return now - newest >= pollMs;
};
