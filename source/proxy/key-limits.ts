import type { KeyLimits } from '../shared/client-key.ts';
import type { HttpErrorCode } from '../shared/errors.ts';
import type { EpochMs } from '../shared/types.ts';

// What a key may spend, counted while the proxy runs. Decisions take the time as an argument.

export type KeyRefusal = {
  code: HttpErrorCode;
  message: string;
  headers: Readonly<Record<string, string>>;
};

/** What requests of one day (UTC, counted from 1970) that have ended came to. */
export type Spending = { day: number; tokens: number; usd: number };

export const dayMs = 86_400_000;

export const dayOf = (time: EpochMs): number => Math.floor(time / dayMs);

// A minute in slots of a second, and one more: what came in the oldest second may be less than a minute ago.
const slots = 61;

/** Counts the requests of one key: those of the last minute, and those under way. */
export type Meter = {
  /** Counts a request that may come, and gives null; else how long to wait, in ms. `now` only goes forward. */
  enter(limits: Pick<KeyLimits, 'requestsPerMinute' | 'concurrent'>, now: number): Wait | null;
  /** A request that was let in has ended. */
  leave(): void;
};

export type Wait = { why: 'rate' | 'concurrent'; ms: number };

/** How long until one of several requests under way ends is unknown; a client that asks so often does no harm. */
const concurrentWaitMs = 1000;

/** A window that slides by the second: never more than the limit in any 60 s, and the wait it names is enough. */
export const createMeter = (): Meter => {
  const counts = new Uint32Array(slots);
  let second = 0;
  let total = 0;
  let underWay = 0;

  const advance = (to: number): void => {
    for (let at = Math.max(second + 1, to - slots + 1); at <= to; at += 1) {
      const place = at % slots;
      total -= counts[place] ?? 0;
      counts[place] = 0;
    }
    second = Math.max(second, to);
  };

  /** When enough of what was counted is over a minute old. */
  const waitFor = (limit: number, now: number): number => {
    let left = total;
    for (let at = second - slots + 1; at <= second; at += 1) {
      left -= at < 0 ? 0 : (counts[at % slots] ?? 0);
      if (left < limit) return (at + slots) * 1000 - now;
    }
    return slots * 1000;
  };

  return {
    enter({ requestsPerMinute, concurrent }, now) {
      if (concurrent !== null && underWay >= concurrent) return { why: 'concurrent', ms: concurrentWaitMs };
      advance(Math.floor(now / 1000));
      if (requestsPerMinute !== null && total >= requestsPerMinute) {
        return { why: 'rate', ms: waitFor(requestsPerMinute, now) };
      }
      counts[second % slots] = (counts[second % slots] ?? 0) + 1;
      total += 1;
      underWay += 1;
      return null;
    },
    leave() {
      underWay -= 1;
    },
  };
};

/** Whether the limits name a daily budget. */
export const hasBudget = ({ dailyTokens, dailyUsd }: Pick<KeyLimits, 'dailyTokens' | 'dailyUsd'>): boolean =>
  dailyTokens !== null || dailyUsd !== null;

const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** The answer to a request that comes too soon. Pure. */
export const tooSoon = (
  name: string,
  { why, ms }: Wait,
  limits: Pick<KeyLimits, 'requestsPerMinute' | 'concurrent'>,
): KeyRefusal => ({
  code: 'key_limited',
  message:
    why === 'concurrent'
      ? `The key ${name} may have ${limits.concurrent} requests under way at once.`
      : `The key ${name} may make ${limits.requestsPerMinute} requests a minute.`,
  headers: { 'retry-after': seconds(ms), 'x-should-retry': 'true' },
});

/** The answer when the budget of the day is spent, else null. Pure. */
export const budgetRefusal = (
  name: string,
  { dailyTokens, dailyUsd }: Pick<KeyLimits, 'dailyTokens' | 'dailyUsd'>,
  spending: Spending | null,
  now: EpochMs,
): KeyRefusal | null => {
  if (spending === null || spending.day !== dayOf(now)) return null;
  const spent =
    dailyTokens !== null && spending.tokens >= dailyTokens
      ? `${dailyTokens} tokens`
      : dailyUsd !== null && spending.usd >= dailyUsd
        ? `${dailyUsd} USD`
        : null;
  if (spent === null) return null;
  return {
    code: 'budget_spent',
    message: `The key ${name} has spent its ${spent} of this day; the next one begins at midnight UTC.`,
    headers: { 'retry-after': seconds((spending.day + 1) * dayMs - now) },
  };
};
