import { isExtra } from '../shared/limit-window.ts';
import type { LimitReading } from './limits.ts';
import { isOnOverage, overageRule } from './overage.ts';
import { ownerBlock } from './owner-block.ts';
import { applies, holds, maxKept, withRest, type Rest } from './rests.ts';
import { backOff, refusedKeyRest, type Verdict } from './retry-policy.ts';
import { laterOf, windowBlock, type Block } from './window-block.ts';
import { withAnswered } from './window-news.ts';
import {
  asEpoch,
  type AccountRecord,
  type AccountStateName,
  type AccountView,
  type CredentialProblem,
  type EpochMs,
  type LimitWindow,
} from '../shared/types.ts';

/** What the traffic has told about one account. Immutable; the functions below return the next one. */
export type AccountRuntime = {
  windows: readonly LimitWindow[];
  rests: readonly Rest[];
  /** Paid overage serves on beyond the windows that are spent. */
  overage: boolean;
  /** Failures in a row, for the back-off. */
  failures: number;
  /** How often it was left out for failing again and again, and until when the last time; null when it never was. */
  ejected: { times: number; until: EpochMs } | null;
  /** Refusals in a row of each model that was refused. */
  refusals: ReadonlyMap<string, number>;
  /** Why there is no credential that may be sent (missing, keychain locked, login ended); null when there is. */
  credentialProblem: CredentialProblem | null;
  /** Of a login: when its access token ends; null when nobody knows. */
  tokenExpiresAt: EpochMs | null;
  /** Of a login: it has no token at this moment, and one is on its way. */
  renewing: boolean;
  inFlight: number;
  /** Since when it is spared from a storm of conversations that a limit moved, and what it had under way before them. */
  ramp: { since: EpochMs; before: number } | null;
  requests: number;
  lastUsedAt: EpochMs | null;
  /** When a request asked it although it was limited. */
  askedAnywayAt: EpochMs | null;
};

export const freshRuntime: AccountRuntime = {
  windows: [],
  rests: [],
  overage: false,
  failures: 0,
  ejected: null,
  refusals: new Map(),
  credentialProblem: null,
  tokenExpiresAt: null,
  renewing: false,
  inFlight: 0,
  ramp: null,
  requests: 0,
  lastUsedAt: null,
  askedAnywayAt: null,
};

export const dispatched = (runtime: AccountRuntime, now: EpochMs, isAnyway = false): AccountRuntime => ({
  ...runtime,
  inFlight: runtime.inFlight + 1,
  requests: runtime.requests + 1,
  lastUsedAt: now,
  ...(isAnyway && { askedAnywayAt: now }),
});

export const released = (runtime: AccountRuntime): AccountRuntime => ({
  ...runtime,
  inFlight: Math.max(0, runtime.inFlight - 1),
});

/** As if nothing had been told of limits and failures; what is under way and has been counted stays. */
export const cleared = (runtime: AccountRuntime): AccountRuntime => {
  const { windows, rests, overage, failures, ejected, refusals } = freshRuntime;
  return { ...runtime, windows, rests, overage, failures, ejected, refusals };
};

/** Takes over the windows of an answer, as far as it is news. */
export const limitsSeen = (runtime: AccountRuntime, reading: LimitReading): AccountRuntime => {
  const overage = reading.overage ?? runtime.overage;
  if (reading.windows.length === 0) return overage === runtime.overage ? runtime : { ...runtime, overage };
  return { ...runtime, overage, windows: withAnswered(runtime.windows, reading.windows) };
};

/** What the account has to bear after the verdict on one attempt. `model` is the request's, for refusals. */
export const judged = (
  runtime: AccountRuntime,
  verdict: Verdict,
  model: string | null,
  now: EpochMs,
): AccountRuntime => {
  switch (verdict.kind) {
    case 'forwarded': {
      return served(runtime, model, now);
    }
    case 'limited': {
      const reason = `reached ${verdict.window === null ? 'its limit' : `its ${verdict.window} limit`}`;
      const { until, scope } = verdict;
      const rested = resting(runtime, { state: 'limited', until, scope, model: null, reason }, now);
      // Where overage served until now, it has refused, too.
      return scope === null ? { ...rested, overage: false } : rested;
    }
    case 'pacing': {
      const rest = { until: verdict.until, scope: null, model: null, reason: 'asked to slow down' };
      return resting(runtime, { state: 'pacing', ...rest }, now);
    }
    case 'unauthorized': {
      const until = asEpoch(now + refusedKeyRest);
      const reason = 'the provider refused its key (401)';
      return resting(runtime, { state: 'error', until, scope: null, model: null, reason }, now);
    }
    case 'refused': {
      const count = (runtime.refusals.get(model ?? '') ?? 0) + 1;
      const until = asEpoch(now + backOff(count));
      const reason = 'refused this model without saying until when';
      const refusals = new Map([...runtime.refusals].slice(1 - maxKept)).set(model ?? '', count);
      return { ...resting(runtime, { state: 'benched', until, scope: null, model, reason }, now), refusals };
    }
    case 'overloaded':
    case 'failed':
    case 'unreachable': {
      const failures = runtime.failures + 1;
      const until = asEpoch(now + backOff(failures));
      const reason = benchReasons[verdict.kind];
      return {
        ...resting(runtime, { state: 'benched', until, scope: null, model: null, reason }, now),
        failures,
      };
    }
  }
};

/** What an account has failed with, in words. */
export const benchReasons = {
  overloaded: 'overloaded (529)',
  failed: 'failed with a server error',
  unreachable: 'could not be reached',
} as const;

/** An answer ends every back-off that held this request's model: it proves that the account serves again. */
const served = (runtime: AccountRuntime, model: string | null, now: EpochMs): AccountRuntime => {
  if (runtime.failures === 0 && runtime.rests.length === 0 && runtime.refusals.size === 0) return runtime;
  const rests = runtime.rests.filter(
    (rest) => rest.until > now && (rest.state !== 'benched' || !holds(rest, model)),
  );
  const refusals = new Map([...runtime.refusals].filter(([name]) => name !== (model ?? '')));
  return { ...runtime, failures: 0, rests, refusals };
};

const resting = (runtime: AccountRuntime, rest: Rest, now: EpochMs): AccountRuntime => ({
  ...runtime,
  rests: withRest(runtime.rests, rest, now),
});

/** null when the account can serve that model now. Pass model null to ask about the account as a whole. */
export const blockOf = (
  record: AccountRecord,
  runtime: AccountRuntime,
  model: string | null,
  now: EpochMs,
): Block | null => {
  // A budget ends by itself; who has to sign in anew should not learn of it only then.
  let block: Block | null = (record.paused ? null : runtime.credentialProblem) ?? ownerBlock(record, now);
  if (block !== null) return block;
  for (const rest of runtime.rests) {
    if (rest.until > now && holds(rest, model)) block = laterOf(block, restBlock(rest));
  }
  const { serves, told, alone } = overageRule(record, runtime, now);
  if (alone !== null) block = laterOf(block, alone);
  for (const window of runtime.windows) {
    if (!applies(window.scope, model)) continue;
    const full = windowBlock(window, record, serves, now);
    if (full !== null) block = laterOf(block, told(full));
  }
  return block;
};

const restBlock = ({ state, reason, until }: Rest): Block => ({ state, reason, until });

/** A window as it stands now: once its reset has passed nothing is known of it until the next answer. */
const current = (window: LimitWindow, now: EpochMs): LimitWindow =>
  window.resetsAt !== null && window.resetsAt <= now
    ? { ...window, utilization: null, status: null, resetsAt: null }
    : window;

const freeState = ({ renewing, inFlight }: AccountRuntime): AccountStateName => {
  if (renewing) return 'refreshing';
  return inFlight > 0 ? 'serving' : 'ready';
};

/** What its owner wants of an account, where he wants anything. */
const wishesOf = ({ preferred, caps, models, overage, concurrent }: AccountRecord): Partial<AccountView> => ({
  ...(preferred && { preferred }),
  ...(caps && { caps }),
  ...(models && { models }),
  ...(overage !== undefined && { overage }),
  ...(concurrent !== undefined && { concurrent }),
});

/** The public picture of an account at one moment. */
export const viewOf = (record: AccountRecord, runtime: AccountRuntime, now: EpochMs): AccountView => {
  const block = blockOf(record, runtime, null, now);
  const { id, name, kind, baseUrl, priority, weight, paused, login } = record;
  return {
    id,
    name,
    kind,
    baseUrl,
    priority,
    weight,
    paused,
    ...wishesOf(record),
    ...(block === null && isOnOverage(runtime, null, now) && { onOverage: true }),
    ...(login?.plan && { plan: login.plan }),
    ...(login?.organization && { organization: login.organization }),
    state: block?.state ?? freeState(runtime),
    reason: block?.reason ?? null,
    availableAt: block?.until ?? null,
    inFlight: runtime.inFlight,
    requests: runtime.requests,
    lastUsedAt: runtime.lastUsedAt,
    ...(runtime.tokenExpiresAt !== null && { tokenExpiresAt: runtime.tokenExpiresAt }),
    windows: runtime.windows.map((window) => current(window, now)),
  };
};

/** How much of the tightest window that applies to the model is used, 0..1; 0 when nothing is known. */
export const usedShare = (runtime: AccountRuntime, model: string | null, now: EpochMs): number => {
  let most = 0;
  for (const window of runtime.windows) {
    const { scope, utilization, resetsAt } = window;
    // Once its reset has passed nothing is known of it.
    if (utilization === null || (resetsAt !== null && resetsAt <= now) || !applies(scope, model)) continue;
    if (isExtra(window)) continue;
    most = Math.max(most, utilization);
  }
  return most;
};

/** When the account's state next changes by the passing of time alone; null when it does not. */
export const nextChange = (runtime: AccountRuntime, now: EpochMs): EpochMs | null => {
  if (runtime.rests.length === 0 && runtime.windows.length === 0) return null;
  const times = [...runtime.rests.map((r) => r.until), ...runtime.windows.flatMap((w) => w.resetsAt ?? [])];
  const ahead = times.filter((time) => time > now);
  return ahead.length === 0 ? null : asEpoch(Math.min(...ahead));
};
