import { isSpent, type LimitReading } from './limits.ts';
import { backOff, type Verdict } from './retry-policy.ts';
import {
  asEpoch,
  type AccountRecord,
  type AccountStateName,
  type AccountView,
  type EpochMs,
  type LimitWindow,
} from '../shared/types.ts';

type Rest = {
  state: 'limited' | 'pacing' | 'benched' | 'error';
  until: EpochMs;
  /** Only requests for models that contain this word rest; null = all. */
  scope: string | null;
  reason: string;
};

/** What the traffic has told about one account. Immutable; the functions below return the next one. */
export type AccountRuntime = {
  windows: readonly LimitWindow[];
  rests: readonly Rest[];
  /** Failures in a row, for the back-off. */
  failures: number;
  /** Why the stored credential cannot be had (missing, keychain locked); null when it can. */
  credentialProblem: string | null;
  inFlight: number;
  requests: number;
  lastUsedAt: EpochMs | null;
};

export const freshRuntime: AccountRuntime = {
  windows: [],
  rests: [],
  failures: 0,
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
  if (reading.windows.length === 0) return runtime;
  const windows = new Map(runtime.windows.map((window) => [window.id, window]));
  for (const window of reading.windows) {
    const known = windows.get(window.id);
    if (known && isOlder(window, known)) continue;
    windows.set(window.id, window);
  }
  return { ...runtime, windows: [...windows.values()].slice(0, maxWindows) };
};

/** A server that sends ever new window names must not grow us. */
const maxWindows = 32;

/** Only unified windows grow until their reset; classic ones refill all the time. */
const isOlder = (window: LimitWindow, known: LimitWindow): boolean =>
  window.status !== null &&
  window.resetsAt !== null &&
  window.resetsAt === known.resetsAt &&
  (window.utilization ?? 0) < (known.utilization ?? 0);

/** What the account has to bear after the verdict on one attempt. `model` is the request's, for refusals. */
export const judged = (
  runtime: AccountRuntime,
  verdict: Verdict,
  model: string | null,
  now: EpochMs,
): AccountRuntime => {
  switch (verdict.kind) {
    case 'forwarded': {
      return runtime.failures === 0 && runtime.rests.length === 0
        ? runtime
        : {
            ...runtime,
            failures: 0,
            rests: runtime.rests.filter((r) => r.until > now),
          };
    }
    case 'limited': {
      const word = verdict.window === null ? 'its limit' : `its ${verdict.window} limit`;
      return resting(
        runtime,
        { state: 'limited', until: verdict.until, scope: verdict.scope, reason: `reached ${word}` },
        now,
      );
    }
    case 'pacing': {
      return resting(
        runtime,
        { state: 'pacing', until: verdict.until, scope: null, reason: 'asked to slow down' },
        now,
      );
    }
    case 'unauthorized': {
      const until = asEpoch(now + refusedKeyRest);
      const reason = 'the provider refused its key (401)';
      return resting(runtime, { state: 'error', until, scope: null, reason }, now);
    }
    case 'refused':
    case 'overloaded':
    case 'failed':
    case 'unreachable': {
      const failures = runtime.failures + 1;
      const until = asEpoch(now + backOff(failures));
      const scope = verdict.kind === 'refused' ? model : null;
      return {
        ...resting(runtime, { state: 'benched', until, scope, reason: benchReasons[verdict.kind] }, now),
        failures,
      };
    }
  }
};

/** A refused key is asked again after this long: providers were seen to refuse good keys for a while. */
const refusedKeyRest = 5 * 60_000;

const benchReasons = {
  refused: 'refused this model without saying until when',
  overloaded: 'overloaded (529)',
  failed: 'failed with a server error',
  unreachable: 'could not be reached',
} as const;

/** A rest of the same kind and scope is replaced by the newer one; rests that are over go. */
const resting = (runtime: AccountRuntime, rest: Rest, now: EpochMs): AccountRuntime => {
  const kept = runtime.rests.filter(
    (r) => r.until > now && !(r.state === rest.state && r.scope === rest.scope),
  );
  return { ...runtime, rests: [...kept, rest].slice(-maxWindows) };
};

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
    if (rest.until <= now || !applies(rest.scope, model)) continue;
    if (block?.until && block.until >= rest.until) continue;
    block = { state: rest.state, reason: rest.reason, until: rest.until };
  }
  for (const window of runtime.windows) {
    if (!isSpent(window, now) || !applies(window.scope, model)) continue;
    if (block?.until && window.resetsAt && block.until >= window.resetsAt) continue;
    block = { state: 'limited', reason: `reached its ${window.id} limit`, until: window.resetsAt };
  }
  return block;
};

const applies = (scope: string | null, model: string | null): boolean =>
  scope === null || (model !== null && model.includes(scope));

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
  const times = [...runtime.rests.map((r) => r.until), ...runtime.windows.flatMap((w) => w.resetsAt ?? [])];
  const ahead = times.filter((time) => time > now);
  return ahead.length === 0 ? null : asEpoch(Math.min(...ahead));
};
