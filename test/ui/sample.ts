import type { Commander } from '../../source/shared/session.ts';
import {
  asDuration,
  asEpoch,
  noTokens,
  type AccountId,
  type AccountView,
  type EpochMs,
  type LimitWindow,
  type RequestId,
} from '../../source/shared/types.ts';
import type { Session } from '../../source/store/session.ts';
import { initialState } from '../../source/store/reduce.ts';
import type { LiveRequest, PricedRequest, RequestRow, State } from '../../source/store/state.ts';

/** A quiet Sunday, 14:07:05 UTC. */
export const now = asEpoch(Date.UTC(2026, 10, 22, 14, 7, 5));
const minute = 60_000;
const hour = 60 * minute;

export const later = (ms: number, from: EpochMs = now): EpochMs => asEpoch(from + ms);

export const windowOf = (id: string, utilization: number | null, leftMs: number | null): LimitWindow => ({
  id,
  scope: null,
  utilization,
  status: (utilization ?? 0) >= 1 ? 'rejected' : 'allowed',
  resetsAt: leftMs === null ? null : later(leftMs),
  source: 'header',
  seenAt: now,
});

export const accountOf = (name: string, part: Partial<AccountView> = {}): AccountView => ({
  id: `id-${name}` as AccountId,
  name,
  kind: 'api-key',
  baseUrl: 'https://api.anthropic.com',
  priority: 200,
  weight: 1,
  paused: part.state === 'paused',
  state: 'ready',
  reason: null,
  availableAt: null,
  inFlight: 0,
  requests: 0,
  lastUsedAt: null,
  windows: [],
  ...part,
});

export const liveOf = (part: Partial<LiveRequest> = {}): LiveRequest => ({
  id: 'r-live' as RequestId,
  at: later(-4100),
  method: 'POST',
  path: '/v1/messages',
  client: 'default',
  agent: 'claude-code',
  session: null,
  project: null,
  model: 'claude-sonnet-4-5-20250929',
  stream: true,
  account: 'work',
  status: null,
  firstByteMs: null,
  bytes: 0,
  tokens: noTokens,
  failures: [],
  ...part,
});

export const finishedOf = (part: Partial<PricedRequest> = {}): PricedRequest => ({
  id: 'r-done' as RequestId,
  at: later(-14_000),
  method: 'POST',
  path: '/v1/messages',
  client: 'default',
  clientAddress: '127.0.0.1',
  agent: 'claude-code',
  session: null,
  project: null,
  model: 'claude-sonnet-4-5-20250929',
  upstreamModel: 'claude-sonnet-4-5-20250929',
  account: 'work',
  accountId: 'id-work' as AccountId,
  costKind: 'cost',
  status: 200,
  outcome: 'ok',
  stream: true,
  waitMs: asDuration(0),
  firstByteMs: asDuration(410),
  totalMs: asDuration(6200),
  attempts: [{ account: 'work', status: 200, verdict: 'forwarded', window: null, ms: asDuration(6200) }],
  decision: null,
  tokens: { input: 1200, output: 640, cacheRead: 9000, cacheWrite5m: 0, cacheWrite1h: 0 },
  stopReason: 'end_turn',
  upstreamRequestId: 'req_1',
  mayHaveRunTwice: false,
  error: null,
  costUsd: 0.02,
  cacheSavedUsd: 0.03,
  ...part,
});

export const liveRow = (seq: number, part: Partial<LiveRequest> = {}): RequestRow => ({
  kind: 'live',
  seq,
  request: liveOf({ id: `r${seq}` as RequestId, ...part }),
});

export const doneRow = (seq: number, part: Partial<PricedRequest> = {}): RequestRow => ({
  kind: 'finished',
  seq,
  request: finishedOf({ id: `r${seq}` as RequestId, ...part }),
});

export const emptyState: State = {
  ...initialState(later(-hour)),
  url: 'http://127.0.0.1:4180',
};

/** Four accounts in four states and a few requests of every kind. */
export const busyState: State = {
  ...emptyState,
  next: 'id-work' as AccountId,
  accounts: [
    accountOf('work', {
      state: 'serving',
      inFlight: 3,
      requests: 412,
      windows: [windowOf('5h', 0.68, 102 * minute), windowOf('7d', 0.31, 76 * hour)],
    }),
    accountOf('home', {
      requests: 150,
      windows: [windowOf('5h', 0.19, 245 * minute), windowOf('7d', 0.44, 46 * hour)],
    }),
    accountOf('team-a', {
      state: 'limited',
      reason: '5h limit reached',
      availableAt: later(12 * minute),
      requests: 980,
      windows: [windowOf('5h', 1, 12 * minute), windowOf('7d', 0.72, 130 * hour)],
    }),
    accountOf('spare', { state: 'paused', reason: 'paused', requests: 2 }),
  ],
  rows: [
    doneRow(1),
    doneRow(2, {
      model: 'claude-haiku-4-5',
      firstByteMs: asDuration(180),
      totalMs: asDuration(900),
      tokens: { input: 310, output: 55, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null },
    }),
    doneRow(3, {
      at: later(-9000),
      attempts: [
        { account: 'team-a', status: 429, verdict: 'limited', window: '5h', ms: asDuration(90) },
        { account: 'work', status: 200, verdict: 'forwarded', window: null, ms: asDuration(8000) },
      ],
      totalMs: asDuration(8090),
    }),
    doneRow(4, {
      at: later(-5000),
      status: 529,
      outcome: 'error',
      firstByteMs: null,
      totalMs: asDuration(130),
      tokens: noTokens,
      error: 'overloaded_error: Overloaded',
    }),
    doneRow(5, { at: later(-4800), status: 200, outcome: 'truncated', error: 'upstream closed the stream' }),
    doneRow(6, {
      at: later(-4700),
      status: 503,
      outcome: 'rejected',
      account: null,
      accountId: null,
      costKind: null,
      attempts: [],
      firstByteMs: null,
      totalMs: asDuration(2),
      tokens: noTokens,
      error: 'no_account',
    }),
    liveRow(7, {
      at: later(-4100),
      status: 200,
      firstByteMs: 400,
      bytes: 12_345,
      tokens: { ...noTokens, input: 300, cacheRead: 2700, cacheWrite5m: 0, cacheWrite1h: 0 },
    }),
    liveRow(8, { at: later(-400), account: 'home', model: 'claude-haiku-4-5' }),
  ],
  seen: 8,
  inFlight: 2,
  totals: { ...emptyState.totals, requests: 6, errors: 3 },
  log: [{ seq: 1, at: later(-7000), level: 'warning', text: 'team-a reached its 5h limit, back at 14:19' }],
};

const team429 = {
  account: 'team-a',
  status: 429,
  verdict: 'limited',
  window: '5h',
  ms: asDuration(90),
};
const relay529 = {
  account: 'relay',
  status: 529,
  verdict: 'overloaded',
  window: null,
  ms: asDuration(130),
};

/** Nobody serves, each account for a reason of its own, and requests that went from one to the next. */
export const troubleState: State = {
  ...emptyState,
  accounts: [
    accountOf('team-a', {
      state: 'limited',
      reason: 'reached its 5h limit',
      availableAt: later(9 * minute + 5000),
      requests: 9801,
      windows: [
        windowOf('5h', 1.04, 9 * minute + 5000),
        windowOf('7d', 0.996, 130 * hour),
        { ...windowOf('7d_opus', 1, 20 * hour), scope: 'opus' },
      ],
    }),
    accountOf('console', {
      state: 'pacing',
      reason: 'asked to slow down',
      availableAt: later(4000),
      requests: 77,
      windows: ['requests', 'tokens', 'input-tokens', 'output-tokens'].map((id, index) =>
        windowOf(id, [0.02, 0.4, 0.1, 0.97][index] ?? null, 30_000),
      ),
    }),
    accountOf('relay', {
      state: 'benched',
      reason: 'could not be reached',
      availableAt: later(2 * minute),
      requests: 3,
    }),
    accountOf('名前の長いアカウント', {
      state: 'error',
      reason: 'the provider refused its key (401)',
      availableAt: later(5 * minute),
      requests: 1,
      windows: [{ ...windowOf('5h', 0.3, 2 * hour), seenAt: later(-20 * minute) }],
    }),
    accountOf('vaulted', { state: 'error', reason: 'its secret is not in the keychain' }),
    accountOf('spare', { state: 'paused', reason: 'paused by you', requests: 2 }),
  ],
  rows: [
    doneRow(1, { attempts: [team429, relay529], account: 'work', at: later(-20_000) }),
    doneRow(2, {
      at: later(-15_000),
      account: 'relay',
      status: 529,
      outcome: 'error',
      attempts: [team429, relay529],
      tokens: noTokens,
      error: 'overloaded_error: Overloaded, please try again in a moment',
    }),
    doneRow(3, {
      at: later(-9000),
      account: null,
      status: 429,
      outcome: 'rejected',
      attempts: [],
      firstByteMs: null,
      totalMs: asDuration(1),
      tokens: noTokens,
      error: 'all_limited',
    }),
    liveRow(4, { at: later(-72_000), account: 'relay', failures: [team429] }),
    liveRow(5, { at: later(-800), account: 'relay', failures: [team429, relay529] }),
  ],
  seen: 1204,
  inFlight: 2,
  totals: { ...emptyState.totals, requests: 1202, errors: 31 },
  log: [{ seq: 1, at: later(-7000), level: 'error', text: 'no account can serve until 14:16' }],
};

export type SampleSession = Session & {
  set(state: State): void;
  /** The commands that were run, `name account`. */
  ran: string[];
};

/** A session over a state that the test sets; commands go to `run`, by default into nothing. */
export const sampleSession = (first: State, run?: Commander['run']): SampleSession => {
  let state = first;
  const listeners = new Set<() => void>();
  const ran: string[] = [];
  const execute: Commander['run'] = async (name, args, secret) => {
    ran.push(`${name} ${'account' in args ? args.account : ''}`.trim());
    if (run !== undefined) return run(name, args, secret);
    return new Promise(() => {});
  };
  return {
    ran,
    run: execute,
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next) => {
      state = next;
      for (const listener of listeners) listener();
    },
  };
};
