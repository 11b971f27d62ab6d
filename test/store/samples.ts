import * as fc from 'fast-check';
import type { Decision } from '../../source/shared/decision.ts';
import {
  accountStates,
  asDuration,
  asEpoch,
  outcomes,
  type AccountId,
  type AccountView,
  type EpochMs,
  type FinishedRequest,
  type LimitWindow,
  type RequestId,
  type TokenCounts,
} from '../../source/shared/types.ts';
import { captureModes } from '../../source/shared/capture.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import type { PricedRequest } from '../../source/store/state.ts';

export const requestId = (n: number): RequestId => `request-${String(n).padStart(8, '0')}` as RequestId;
export const accountId = (name: string): AccountId => `id-${name}` as AccountId;

export const someTokens: TokenCounts = {
  input: 1200,
  output: 640,
  cacheRead: 9000,
  cacheWrite5m: 0,
  cacheWrite1h: 300,
};

export const finishedRequest = (n: number, fields: Partial<FinishedRequest> = {}): FinishedRequest => ({
  id: requestId(n),
  at: asEpoch(1_795_000_000_000 + n),
  method: 'POST',
  path: '/v1/messages',
  client: 'default',
  clientAddress: '127.0.0.1',
  agent: 'claude-code',
  session: 'session-1',
  project: 'website',
  model: 'claude-opus-5-5',
  upstreamModel: 'claude-opus-5-5',
  account: 'work',
  accountId: accountId('work'),
  costKind: 'cost',
  status: 200,
  outcome: 'ok',
  stream: true,
  waitMs: asDuration(0),
  firstByteMs: asDuration(410),
  totalMs: asDuration(6200.25),
  attempts: [
    { account: 'home', status: 429, verdict: 'limited', window: '5h', ms: asDuration(90) },
    { account: 'work', status: 200, verdict: 'forwarded', window: null, ms: asDuration(6100) },
  ],
  decision: {
    strategy: 'sticky',
    affinity: 'warm',
    considered: [
      { account: 'home', verdict: 'limited until 14:00' },
      { account: 'work', verdict: 'chosen' },
    ],
  },
  tokens: someTokens,
  stopReason: 'end_turn',
  upstreamRequestId: 'req_1',
  mayHaveRunTwice: false,
  error: null,
  ...fields,
});

export const pricedSample = (n: number, fields: Partial<PricedRequest> = {}): PricedRequest => ({
  ...finishedRequest(n),
  costUsd: 0.02,
  cacheSavedUsd: 0.03,
  ...fields,
});

export const accountView = (name: string, fields: Partial<AccountView> = {}): AccountView => ({
  id: accountId(name),
  name,
  kind: 'api-key',
  baseUrl: 'https://api.anthropic.com',
  priority: 200,
  weight: 1,
  paused: false,
  state: 'ready',
  reason: null,
  availableAt: null,
  inFlight: 0,
  requests: 0,
  lastUsedAt: null,
  windows: [],
  ...fields,
});

export const started = (n: number): ProxyEvent => ({
  type: 'requestStarted',
  at: asEpoch(1_795_000_000_000 + n),
  id: requestId(n),
  method: 'POST',
  path: '/v1/messages',
  client: 'default',
  clientAddress: '127.0.0.1',
  agent: 'claude-code',
  session: null,
  project: null,
  model: 'claude-opus-5-5',
  stream: true,
});

export const chosen = (
  n: number,
  account: string,
  attempt = 1,
  affinity: Decision['affinity'] = null,
): ProxyEvent => ({
  type: 'accountChosen',
  at: asEpoch(1_795_000_000_001 + n),
  id: requestId(n),
  account: accountId(account),
  accountName: account,
  attempt,
  decision: { strategy: 'sticky', affinity, considered: [] },
});

export const failed = (n: number, account: string, status: number | null = 429): ProxyEvent => ({
  type: 'attemptFailed',
  at: asEpoch(1_795_000_000_002 + n),
  id: requestId(n),
  account: accountId(account),
  accountName: account,
  attempt: 1,
  status,
  verdict: 'limited',
  window: '5h',
  ms: asDuration(90),
});

export const answered = (n: number, account: string): ProxyEvent => ({
  type: 'responseStarted',
  at: asEpoch(1_795_000_000_003 + n),
  id: requestId(n),
  account: accountId(account),
  accountName: account,
  status: 200,
  firstByteMs: asDuration(410),
});

export const held = (n: number, until: EpochMs): ProxyEvent => ({
  type: 'requestHeld',
  at: asEpoch(1_795_000_000_000 + n),
  id: requestId(n),
  until,
});

export const released = (n: number): ProxyEvent => ({
  type: 'requestReleased',
  at: asEpoch(1_795_000_000_500 + n),
  id: requestId(n),
  waitMs: asDuration(500),
});

export const grew = (n: number, bytes: number): ProxyEvent => ({
  type: 'responseGrew',
  at: asEpoch(1_795_000_000_003 + n),
  id: requestId(n),
  bytes,
  tokens: someTokens,
});

export const finished = (n: number, fields: Partial<FinishedRequest> = {}): ProxyEvent => ({
  type: 'requestFinished',
  at: asEpoch(1_795_000_000_004 + n),
  request: finishedRequest(n, fields),
});

export const accountChanged = (account: AccountView): ProxyEvent => ({
  type: 'accountChanged',
  at: asEpoch(1_795_000_000_000),
  account,
});

export const dropped = (count: number): ProxyEvent => ({
  type: 'dropped',
  at: asEpoch(1_795_000_000_000),
  count,
});

export const logged = (text: string): ProxyEvent => ({
  type: 'logged',
  at: asEpoch(1_795_000_000_000),
  level: 'info',
  text,
});

export const listening: ProxyEvent = {
  type: 'listening',
  at: asEpoch(1_795_000_000_000),
  url: 'http://127.0.0.1:4180',
  host: '127.0.0.1',
  port: 4180,
};

const accountNames = fc.constantFrom('home', 'work', 'relay');
const sessions = fc.constantFrom('session-1', 'session-2', null);
const affinities = fc.constantFrom('warm' as const, 'moved' as const, 'new' as const, null);
const numbers = fc.integer({ min: 1, max: 12 });
const anyTime = fc.integer({ min: 0, max: 200_000 }).map((ms) => asEpoch(1_795_000_000_000 + ms));
const tokens = fc.record({
  input: fc.option(fc.nat(1e6)),
  output: fc.option(fc.nat(1e6)),
  cacheRead: fc.option(fc.nat(1e6)),
  cacheWrite5m: fc.option(fc.nat(1e6)),
  cacheWrite1h: fc.option(fc.nat(1e6)),
});

const anyWindow: fc.Arbitrary<LimitWindow> = fc.record({
  id: fc.constantFrom('5h', '7d', 'requests'),
  scope: fc.constantFrom(null, 'opus'),
  utilization: fc.option(fc.double({ min: 0, max: 1.1, noNaN: true })),
  status: fc.constantFrom('allowed', 'rejected', null),
  resetsAt: fc.option(anyTime),
  source: fc.constant('header' as const),
  seenAt: anyTime,
});

const anyView: fc.Arbitrary<AccountView> = fc
  .record({
    name: accountNames,
    inFlight: fc.nat(3),
    priority: fc.nat(2),
    paused: fc.boolean(),
    state: fc.constantFrom(...accountStates),
    reason: fc.constantFrom(
      null,
      'reached its 5h limit',
      'overloaded (529)',
      'the provider refused its key (401)',
    ),
    availableAt: fc.option(anyTime),
    windows: fc.array(anyWindow, { maxLength: 3 }),
  })
  .map(({ name, ...fields }) => accountView(name, fields));

/** Any event, over few enough requests and accounts that they meet each other. */
export const anyEvent: fc.Arbitrary<ProxyEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(numbers, sessions).map(([n, session]) => ({ ...started(n), session }) as ProxyEvent),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(numbers, accountNames, affinities)
      .map(([n, name, affinity]) => chosen(n, name, 1, affinity)),
  },
  { weight: 2, arbitrary: fc.tuple(numbers, accountNames).map(([n, name]) => failed(n, name)) },
  { weight: 2, arbitrary: fc.tuple(numbers, accountNames).map(([n, name]) => answered(n, name)) },
  { weight: 2, arbitrary: fc.tuple(numbers, fc.nat(1e6)).map(([n, bytes]) => grew(n, bytes)) },
  { weight: 1, arbitrary: fc.tuple(numbers, anyTime).map(([n, until]) => held(n, until)) },
  { weight: 1, arbitrary: numbers.map(released) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(numbers, fc.constantFrom(...outcomes), tokens, sessions, affinities)
      .map(([n, outcome, counts, session, affinity]) =>
        finished(n, {
          outcome,
          tokens: counts,
          session,
          decision: { strategy: 'sticky', affinity, considered: [] },
        }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(anyView, anyTime)
      .map(([account, at]): ProxyEvent => ({ type: 'accountChanged', at, account })),
  },
  accountNames.map((name): ProxyEvent => ({
    type: 'accountRemoved',
    at: asEpoch(0),
    account: accountId(name),
  })),
  fc.option(accountNames).map((name): ProxyEvent => ({
    type: 'nextChosen',
    at: asEpoch(0),
    account: name === null ? null : accountId(name),
  })),
  fc.tuple(accountNames, anyWindow).map(([name, window]): ProxyEvent => ({
    type: 'limitsSeen',
    at: asEpoch(0),
    account: accountId(name),
    windows: [window],
  })),
  accountNames.map((name): ProxyEvent => ({
    type: 'tokenRefreshed',
    at: asEpoch(0),
    account: accountId(name),
    accountName: name,
    expiresAt: null,
  })),
  fc.tuple(accountNames, fc.string()).map(([name, reason]): ProxyEvent => ({
    type: 'tokenRefreshFailed',
    at: asEpoch(0),
    account: accountId(name),
    accountName: name,
    reason,
    failures: 1,
    retryAt: null,
  })),
  fc
    .record({ share: fc.constantFrom(0.8, 1), hard: fc.boolean(), hours: fc.integer({ min: -1, max: 1 }) })
    .map(({ share, hard, hours }): ProxyEvent => {
      const resetsAt = asEpoch(1_795_000_000_000 + hours * 3_600_000);
      return {
        type: 'budgetReached',
        at: asEpoch(1_795_000_000_000),
        budget: `all ${hours + 2}usd/day`,
        share,
        hard,
        resetsAt,
      };
    }),
  fc.constant<ProxyEvent>({ type: 'budgetsCounted', at: asEpoch(0), reached: [] }),
  fc.boolean().map((ok): ProxyEvent => ({ type: 'historyChanged', at: asEpoch(0), ok })),
  fc
    .constantFrom(...captureModes)
    .map((mode): ProxyEvent => ({ type: 'captureChanged', at: asEpoch(0), mode, reason: null })),
  fc.string().map((reason): ProxyEvent => ({ type: 'proxyDied', at: asEpoch(0), reason })),
  fc.string().map(logged),
  fc.integer({ min: 1, max: 9 }).map(dropped),
  fc.constant(listening),
);
