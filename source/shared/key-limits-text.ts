import type { KeyLimits } from './client-key.ts';
import { elapsed } from './duration.ts';
import { localTime } from './local-time.ts';
import type { EpochMs } from './types.ts';

/** The limits of a client key in short words, such as `60/min  5 USD/day`; empty when it has none. May hold outside text. */
export const keyLimitsText = (limits: KeyLimits, now: EpochMs): string =>
  [
    limits.requestsPerMinute === null ? null : `${limits.requestsPerMinute}/min`,
    limits.concurrent === null ? null : `${limits.concurrent} at once`,
    limits.dailyUsd === null ? null : `${limits.dailyUsd} USD/day`,
    limits.dailyTokens === null ? null : `${limits.dailyTokens} tokens/day`,
    limits.models === null ? null : `models ${limits.models.join(',')}`,
    limits.accounts === null ? null : `accounts ${limits.accounts.join(',')}`,
    limits.holdMs === null ? null : `held ${elapsed(limits.holdMs)}`,
    limits.expiresAt === null ? null : `until ${localTime(limits.expiresAt, now)}`,
  ]
    .filter((part) => part !== null)
    .join('  ');
