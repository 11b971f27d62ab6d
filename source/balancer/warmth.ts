import type { Home } from './sessions.ts';
import { asDuration, type AccountId, type DurationMs, type EpochMs } from '../shared/types.ts';

/** How long a provider keeps what it was told to cache, from its last use: the usual time, and the one asked for by `ttl: "1h"`. */
export const cacheLives = { short: asDuration(300_000), long: asDuration(3_600_000) } as const;

/** A request that arrives in the last moments of an entry may find it gone. */
const marginMs = 2000;

/** Whether a prompt cache that was used then still holds; `life` is what it was asked to live. */
export const isWarm = (usedAt: EpochMs, life: DurationMs, now: EpochMs): boolean =>
  // A clock that was set back tells nothing.
  now >= usedAt && now < usedAt + life - marginMs;

/** Where a conversation belongs: the account whose cache holds it, or that none does any more, or nothing of it is known. */
export type Place = { home: AccountId | null; isCold: boolean };

/** `life` is asked only where it matters: to find it out may cost something. */
export const placeOf = (home: Home | null, life: () => DurationMs, now: EpochMs): Place => {
  if (home === null) return { home: null, isCold: false };
  const { short, long } = cacheLives;
  const warm = isWarm(home.at, short, now) || (isWarm(home.at, long, now) && isWarm(home.at, life(), now));
  return warm ? { home: home.account, isCold: false } : { home: null, isCold: true };
};
