import type { CallLimit } from './call-limit.ts';
import type { ProxyEvent } from './events.ts';
import type { Considered, Decision } from './decision.ts';
import type { Attempt, FinishedRequest } from './types.ts';

// Events as text, for the way between threads. Finished requests are nearly all of them when there is much to tell, and
// go as lists of values: half the bytes, and parsed in a third of the time of objects (measured).

/** The text of these events. */
export const packEvents = (events: readonly ProxyEvent[]): string => {
  const items = events.map((event) =>
    event.type === 'requestFinished' ? ([event.at, packRequest(event.request)] as const) : event,
  );
  return JSON.stringify(items);
};

type PackedFinish = readonly [at: FinishedRequest['at'], request: PackedRequest];

/** The events that a text of `packEvents` stands for, in their order. */
export const unpackEvents = (json: string): ProxyEvent[] =>
  (JSON.parse(json) as (ProxyEvent | PackedFinish)[]).map((item) =>
    'type' in item ? item : { type: 'requestFinished', at: item[0], request: unpackRequest(item[1]) },
  );

/** The fields in one fixed order; the type of the list keeps the two sides in step. */
export type PackedRequest = ReturnType<typeof packRequest>;

export const packRequest = (request: FinishedRequest) =>
  [
    request.id,
    request.at,
    request.method,
    request.path,
    request.client,
    request.clientAddress,
    request.agent,
    request.session,
    request.model,
    request.upstreamModel,
    request.account,
    request.accountId,
    request.status,
    request.outcome,
    request.stream,
    request.waitMs,
    request.firstByteMs,
    request.totalMs,
    request.attempts.map(packAttempt),
    packDecision(request.decision),
    request.tokens.input,
    request.tokens.output,
    request.tokens.cacheRead,
    request.tokens.cacheWrite5m,
    request.tokens.cacheWrite1h,
    request.stopReason,
    request.upstreamRequestId,
    request.mayHaveRunTwice,
    request.error,
    request.project,
    request.costKind,
    request.limits?.map(packLimit) ?? null,
  ] as const;

/** What `packRequest` was given. */
export const unpackRequest = (packed: PackedRequest): FinishedRequest => ({
  id: packed[0],
  at: packed[1],
  method: packed[2],
  path: packed[3],
  client: packed[4],
  clientAddress: packed[5],
  agent: packed[6],
  session: packed[7],
  model: packed[8],
  upstreamModel: packed[9],
  account: packed[10],
  accountId: packed[11],
  status: packed[12],
  outcome: packed[13],
  stream: packed[14],
  waitMs: packed[15],
  firstByteMs: packed[16],
  totalMs: packed[17],
  attempts: packed[18].map(unpackAttempt),
  decision: unpackDecision(packed[19]),
  tokens: {
    input: packed[20],
    output: packed[21],
    cacheRead: packed[22],
    cacheWrite5m: packed[23],
    cacheWrite1h: packed[24],
  },
  stopReason: packed[25],
  upstreamRequestId: packed[26],
  mayHaveRunTwice: packed[27],
  error: packed[28],
  project: packed[29],
  costKind: packed[30],
  ...(packed[31] !== null && { limits: packed[31].map(unpackLimit) }),
});

const packLimit = ({ id, scope, utilization, status, resetsAt }: CallLimit) =>
  [id, scope, utilization, status, resetsAt] as const;

const unpackLimit = ([id, scope, utilization, status, resetsAt]: ReturnType<
  typeof packLimit
>): CallLimit => ({
  id,
  scope,
  utilization,
  status,
  resetsAt,
});

const packAttempt = ({ account, status, verdict, window, ms }: Attempt) =>
  [account, status, verdict, window, ms] as const;

const unpackAttempt = (packed: ReturnType<typeof packAttempt>): Attempt => {
  const [account, status, verdict, window, ms] = packed;
  return { account, status, verdict, window, ms };
};

/** Strategy, affinity, the tokens that a move writes again and their price; then account and verdict of each candidate. */
const packDecision = (decision: Decision | null): (string | number | null)[] | null => {
  if (decision === null) return null;
  const { strategy, affinity, rewriteTokens = null, rewriteCostUsd = null } = decision;
  const words = [strategy, affinity, rewriteTokens, rewriteCostUsd];
  for (const { account, verdict } of decision.considered) words.push(account, verdict);
  return words;
};

const unpackDecision = (words: ReturnType<typeof packDecision>): Decision | null => {
  if (words === null) return null;
  const [strategy, affinity, tokens, price, ...rest] = words;
  const considered: Considered[] = [];
  for (let i = 0; i + 1 < rest.length; i += 2) {
    considered.push({ account: textOf(rest[i]), verdict: textOf(rest[i + 1]) });
  }
  return {
    strategy: textOf(strategy),
    affinity: affinity as Decision['affinity'],
    considered,
    ...(typeof tokens === 'number' && { rewriteTokens: tokens }),
    ...(typeof price === 'number' && { rewriteCostUsd: price }),
  };
};

const textOf = (item: string | number | null | undefined): string => (typeof item === 'string' ? item : '');
