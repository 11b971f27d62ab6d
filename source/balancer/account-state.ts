import { isSpent, type LimitReading } from './limits.ts';
import { applies, holds, maxKept, withRest, type Rest } from './rests.ts';
import { backOff, type Verdict } from './retry-policy.ts';
import {
  asEpoch,
  type AccountRecord,
  type AccountStateName,
  type AccountView,
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
  /** The same for each model that was refused. */
  refusals: ReadonlyMap<string, number>;
  /** Why the stored credential cannot be had (missing, keychain locked); null when it can. */
  credentialProblem: string | null;
  inFlight: number;
  requests: number;
  lastUsedAt: EpochMs | null;
};

export const freshRuntime: AccountRuntime = {
  windows: [],
  rests: [],
  overage: false,
  failures: 0,
  refusals: new Map(),
  credentialProblem: null,
  inFlight: 0,
  requests: 0,
  lastUsedAt: null,
};

export const dispatched = (runtime: AccountRuntime, now: EpochMs): AccountRuntime => ({
  ...runtime,
  inFlight: runtime.inFlight + 1,
  requests: runtime.requests + 1,
  lastUsedAt: now,
});

export const released = (runtime: AccountRuntime): AccountRuntime => ({
  ...runtime,
  inFlight: Math.max(0, runtime.inFlight - 1),
});

/** Takes over the windows of an answer; a lower share of the same window is an older answer and is ignored. */
export const limitsSeen = (runtime: AccountRuntime, reading: LimitReading): AccountRuntime => {
  const overage = reading.overage ?? runtime.overage;
  if (reading.windows.length === 0) return overage === runtime.overage ? runtime : { ...runtime, overage };
  const windows = new Map(runtime.windows.map((window) => [window.id, window]));
  for (const window of reading.windows) {
    const known = windows.get(window.id);
    if (known && isOlder(window, known)) continue;
    windows.set(window.id, window);
  }
  return { ...runtime, overage, windows: [...windows.values()].slice(0, maxKept) };
};

/** Only unified windows grow until their reset; classic ones refill all the time. A refusal is news in any case. */
const isOlder = (window: LimitWindow, known: LimitWindow): boolean =>
  window.status !== null &&
  window.status !== 'rejected' &&
  window.resetsAt !== null &&
  window.resetsAt === known.resetsAt &&
  window.utilization !== null &&
  window.utilization < (known.utilization ?? 0);

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
      return resting(runtime, { state: 'limited', until, scope, model: null, reason }, now);
    }
    case 'pacing': {
      const reason = 'asked to slow down';
      return resting(
        runtime,
        { state: 'pacing', until: verdict.until, scope: null, model: null, reason },
        now,
      );
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

/** A refused key is asked again after this long: providers were seen to refuse good keys for a while. */
const refusedKeyRest = 5 * 60_000;

const benchReasons = {
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

/** Why an account cannot take a request now. */
export type Block = { state: AccountStateName; reason: string; until: EpochMs | null };

/** null when the account can serve that model now. Pass model null to ask about the account as a whole. */
export const blockOf = (
  record: AccountRecord,
  runtime: AccountRuntime,
  model: string | null,
  now: EpochMs,
): Block | null => {
  if (record.paused) return { state: 'paused', reason: 'paused by you', until: null };
  if (runtime.credentialProblem !== null)
    return { state: 'error', reason: runtime.credentialProblem, until: null };
  let block: Block | null = null;
  for (const rest of runtime.rests) {
    if (rest.until > now && holds(rest, model)) block = latest(block, rest);
  }
  if (runtime.overage) return block;
  for (const window of runtime.windows) {
    if (!isSpent(window, now) || !applies(window.scope, model)) continue;
    const reason = `reached its ${window.id} limit`;
    block = latest(block, { state: 'limited', reason, until: window.resetsAt });
  }
  return block;
};

const latest = (known: Block | null, { state, reason, until }: Block): Block =>
  known && (known.until ?? 0) >= (until ?? 0) ? known : { state, reason, until };

/** How long after a back-off an account is still doubted. */
const doubtMs = 30_000;

/** Whether a back-off for that model has just ended, and no answer has shown yet that the account works again. */
export const isRecovering = (runtime: AccountRuntime, model: string | null, now: EpochMs): boolean =>
  runtime.rests.some(
    (rest) =>
      rest.state === 'benched' && rest.until <= now && rest.until > now - doubtMs && holds(rest, model),
  );

/** A window as it stands now: once its reset has passed nothing is known of it until the next answer. */
const current = (window: LimitWindow, now: EpochMs): LimitWindow =>
  window.resetsAt !== null && window.resetsAt <= now
    ? { ...window, utilization: null, status: null, resetsAt: null }
    : window;

/** The public picture of an account at one moment. */
export const viewOf = (record: AccountRecord, runtime: AccountRuntime, now: EpochMs): AccountView => {
  const block = blockOf(record, runtime, null, now);
  const { id, name, kind, baseUrl, priority, weight, paused } = record;
  return {
    id,
    name,
    kind,
    baseUrl,
    priority,
    weight,
    paused,
    state: block?.state ?? (runtime.inFlight > 0 ? 'serving' : 'ready'),
    reason: block?.reason ?? null,
    availableAt: block?.until ?? null,
    inFlight: runtime.inFlight,
    requests: runtime.requests,
    lastUsedAt: runtime.lastUsedAt,
    windows: runtime.windows.map((window) => current(window, now)),
  };
};

/** How much of the tightest window that applies to the model is used, 0..1; 0 when nothing is known. */
export const usedShare = (runtime: AccountRuntime, model: string | null, now: EpochMs): number =>
  Math.max(
    0,
    ...runtime.windows
      .filter((window) => applies(window.scope, model))
      .map((window) => current(window, now).utilization ?? 0),
  );

/** When the account's state next changes by the passing of time alone; null when it does not. */
export const nextChange = (runtime: AccountRuntime, now: EpochMs): EpochMs | null => {
  if (runtime.rests.length === 0 && runtime.windows.length === 0) return null;
  const times = [...runtime.rests.map((r) => r.until), ...runtime.windows.flatMap((w) => w.resetsAt ?? [])];
  const ahead = times.filter((time) => time > now);
  return ahead.length === 0 ? null : asEpoch(Math.min(...ahead));
};
