import type { Config } from '../config/schema.ts';
import { isLoopback } from '../config/loopback.ts';
import type { KeyLimits } from '../shared/client-key.ts';
import type { Clock } from '../shared/clock.ts';
import { modelTest } from '../shared/model-test.ts';
import { budgetRefusal, tooSoon, type KeyRefusal, type Meter, type Spending } from './key-limits.ts';

/** Who makes a request, as far as its key tells. */
export type Caller = {
  /** In the history; `default` for a client without a key. */
  name: string;
  /** Names of the accounts it may use; null = all. */
  accounts: ReadonlySet<string> | null;
  /** null = all models. */
  models: ((model: string) => boolean) | null;
  /** How long its requests may be held; null = as the setting says. */
  holdMs: number | null;
  /** Counts the request, or says why not. What was let in must `leave`. */
  enter(): KeyRefusal | null;
  leave(): void;
};

export type CallerRules = {
  config(): Pick<Config, 'clientLimits' | 'host'>;
  clock: Clock;
  /** What the key has spent; null = nothing, or nobody counts it. */
  spending(): Spending | null;
};

/** Requests a minute of a key without a limit of its own; null = as many as it likes. */
const standardRate = ({ clientLimits, host }: ReturnType<CallerRules['config']>): number | null => {
  const { requestsPerMinute } = clientLimits;
  if (requestsPerMinute === 'auto') return isLoopback(host) ? null : 100;
  return requestsPerMinute === 0 ? null : requestsPerMinute;
};

/** The holder of a key with these limits. */
export const createCaller = (
  name: string,
  limits: KeyLimits,
  meter: Meter,
  { config, clock, spending }: CallerRules,
): Caller => ({
  name,
  accounts: limits.accounts === null ? null : new Set(limits.accounts),
  models: limits.models === null ? null : modelTest(limits.models),
  holdMs: limits.holdMs,
  enter() {
    const spent = budgetRefusal(name, limits, spending(), clock.now());
    if (spent !== null) return spent;
    const requestsPerMinute = limits.requestsPerMinute ?? standardRate(config());
    const { concurrent } = limits;
    const wait = meter.enter({ requestsPerMinute, concurrent }, clock.monotonic());
    return wait === null ? null : tooSoon(name, wait, { requestsPerMinute, concurrent });
  },
  leave: () => meter.leave(),
});
