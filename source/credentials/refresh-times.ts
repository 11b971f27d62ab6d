import { asEpoch, type EpochMs } from '../shared/types.ts';

/** A token is renewed so long before its end, more or less a fifth, so that those that end together are not. */
const spread = 0.2;

/** When a token is to be renewed; `jitter` from -1 to 1. */
export const dueAt = (expiresAt: EpochMs, leadMs: number, jitter: number): EpochMs =>
  asEpoch(Math.round(expiresAt - leadMs * (1 + spread * jitter)));

export const longestBackOffMs = 5 * 60_000;

/** The rest after the n-th failure in a row (n from 1): 1 s doubling to 5 min, and no shorter than the provider asks for. */
export const refreshBackOffMs = (failures: number, retryAfterMs: number | null): number => {
  const doubled = 1000 * 2 ** Math.min(Math.max(failures, 1) - 1, 10);
  return Math.min(longestBackOffMs, Math.max(doubled, retryAfterMs ?? 0));
};

/** Between two renewals that nobody waits for. */
export const paceMs = 7000;

/** A token that ends sooner is renewed at once. */
const urgentMs = 60_000;

export type DueToken = {
  expiresAt: EpochMs;
  dueAt: EpochMs;
  /** It was tried and failed, and its own rest is over. */
  isRetry: boolean;
};

/**
 * Of those that are due, which are renewed now, the most urgent first: not more than there is room for, and one after the other
 * where there is time. `startedAt` is when the last one began. Pure.
 */
export const pickDue = <Token extends DueToken>(
  tokens: readonly Token[],
  { now, room, startedAt }: { now: EpochMs; room: number; startedAt: EpochMs | null },
): Token[] => {
  const due = tokens
    .filter((token) => token.dueAt <= now)
    .toSorted((one, other) => one.expiresAt - other.expiresAt);
  const urgent = due.filter(({ expiresAt, isRetry }) => isRetry || expiresAt - now < urgentMs);
  if (urgent.length > 0) return urgent.slice(0, room);
  const isPaced = startedAt !== null && Math.abs(now - startedAt) < paceMs;
  return isPaced ? [] : due.slice(0, Math.min(1, room));
};

/** An end that is further away than the token can live is of a clock that was wrong, then or now. */
export const plausibleEnd = (expiresAt: EpochMs, lifetimeMs: number, now: EpochMs): EpochMs =>
  asEpoch(Math.min(expiresAt, now + lifetimeMs));
