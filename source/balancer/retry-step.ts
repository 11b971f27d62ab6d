import { freeVerdicts, mayTryAgain, type VerdictKind } from './retry-policy.ts';
import { asDuration, type DurationMs } from '../shared/types.ts';

// What follows an attempt, as one table: every other place that sends a request again asks here.

/** How far an attempt has come. */
export type AttemptPhase =
  /** No byte of the request was sent: it ran nowhere. */
  | 'unsent'
  /** It was sent and never answered: it may have run. */
  | 'sent'
  /** The head of an answer came. */
  | 'answered';

export type Situation = {
  /** Of the newest attempt. */
  verdict: VerdictKind;
  phase: AttemptPhase;
  /**
   * Of all attempts that count, in their order: not of those that had nothing to be sent with. What was `forwarded` has
   * begun to reach the client.
   */
  verdicts: readonly VerdictKind[];
  /** Whether the client still waits. */
  isWaited: boolean;
  /** Whether its route allows that it runs twice; not so batches, files and DELETE. */
  replayable: boolean;
  /** Whether the whole body is at hand. */
  isKept: boolean;
  /** Whether another account can take it now. */
  isOtherReady: boolean;
  /** Whether the account was in order before, and no request is asking one that fails. */
  mayAskAgain: boolean;
  /** Whether the budget of all requests has something left. */
  hasBudget: boolean;
  /** 0 up to 1. */
  random: number;
};

export type RetryStep =
  /** `mayRunTwice`: nobody knows whether it has run already. `isFree`: it takes nothing from the budget. */
  | { kind: 'elsewhere'; isFree: boolean; mayRunTwice: boolean }
  /** The same account once more, after that time. */
  | { kind: 'same'; afterMs: DurationMs }
  | { kind: 'give-up' };

/** Verdicts after which sending it again takes nothing from the budget, which is for a pool that fails: these were no failures. */
const unbudgeted: ReadonlySet<VerdictKind> = new Set([...freeVerdicts, 'pacing']);

/** Verdicts after which the account itself is asked once more where nobody else is ready: an overload passes. */
const passing: ReadonlySet<VerdictKind> = new Set(['overloaded']);

/** As long as the first pause of an SDK; spread, so that many do not come back at once. */
const shortestPauseMs = 250;
const spreadMs = 500;

const giveUp: RetryStep = { kind: 'give-up' };

/** What to do with a request after its newest attempt. Pure. */
export const retryStep = (situation: Situation): RetryStep => {
  const { verdict, phase, verdicts, isWaited, replayable, isKept, hasBudget } = situation;
  if (verdict === 'forwarded' || verdicts.includes('forwarded') || !isWaited || !isKept) return giveUp;
  if (!mayTryAgain(verdicts, replayable)) return giveUp;
  const isFree = unbudgeted.has(verdict);
  if (!isFree && !hasBudget) return giveUp;
  if (situation.isOtherReady) return { kind: 'elsewhere', isFree, mayRunTwice: phase === 'sent' };
  if (!passing.has(verdict) || !situation.mayAskAgain) return giveUp;
  return { kind: 'same', afterMs: asDuration(Math.round(shortestPauseMs + spreadMs * situation.random)) };
};
