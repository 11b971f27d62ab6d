import { randomBytes } from 'node:crypto';
import type { CallLimit } from '../shared/call-limit.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Usage } from './usage-tap.ts';
import type { Caller } from './caller.ts';
import type { Capture } from './capture.ts';
import { Departure } from './departure.ts';
import type { Description } from './describe.ts';
import type { Passing } from './growth.ts';
import type { Told } from './interim.ts';
import { projectOf } from './project.ts';
import { emptyBody, type Body } from './read-body.ts';
import type { Upload } from './upload.ts';
import { nameWithoutKey } from '../shared/client-key.ts';
import type { Clock } from '../shared/clock.ts';
import { costKindOf } from '../shared/cost-kind.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import type { Decision } from '../shared/decision.ts';
import {
  asDuration,
  noTokens,
  type AccountId,
  type AccountKind,
  type Attempt,
  type DurationMs,
  type EpochMs,
  type FinishedRequest,
  type Outcome,
  type RequestId,
} from '../shared/types.ts';

/** One client request from its head to its row. */
export type Exchange = {
  readonly id: RequestId;
  readonly at: EpochMs;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Taken at once: a connection that has ended tells no address. */
  readonly clientAddress: string;
  /** Without the query. */
  readonly path: string;
  readonly client: Departure;
  /** Whose key it came with; null as long as nobody has looked. */
  caller: Caller | null;
  /** Names of the accounts that may serve it; null = all. */
  accounts: ReadonlySet<string> | null;
  /** We closed its connection, not the client. */
  cut: boolean;
  /** Milliseconds since the request's head arrived. */
  elapsed(): DurationMs;
  body: Body;
  /** The body when it is not kept; null when it is. */
  upload: Upload | null;
  description: Description | null;
  /** A name for what it begins with, once somebody has looked. */
  prefix: string | null;
  /** How long a provider keeps it in its cache, once somebody has looked. */
  cacheLife: DurationMs | null;
  attempts: Attempt[];
  decision: Decision | null;
  /** Whether a limit has moved its conversation to the account that was chosen last. */
  isMoved: boolean;
  /** The account of the newest attempt, which attempt that is, and when it was chosen. */
  account: { id: AccountId; name: string; kind: AccountKind; attempt: number; at: EpochMs } | null;
  status: number | null;
  /** How long it was kept waiting on purpose. */
  waitMs: DurationMs;
  /** When the head of the answer came. */
  answeredAt: EpochMs | null;
  firstByteMs: DurationMs | null;
  /** What the newest answer told of limits; null = of none. */
  limits: CallLimit[] | null;
  upstreamRequestId: string | null;
  mayHaveRunTwice: boolean;
  /** The answer, while it is being passed on. */
  passing: Passing | null;
  /** What is kept of heads and bodies; null = nothing. */
  capture: Capture | null;
  readonly told: Told;
};

const processPart = randomBytes(3).toString('hex');
let counter = 0;
/** Many requests come in one millisecond. */
let lastAt = -1;
let timePart = '';

/** Sorts by time; unique across restarts by a part that is random for each process. */
const newRequestId = (at: EpochMs): RequestId => {
  counter = (counter + 1) % 1_679_616;
  if (at !== lastAt) {
    lastAt = at;
    timePart = at.toString(36);
  }
  return `${timePart}-${processPart}-${counter.toString(36).padStart(4, '0')}` as RequestId;
};

export const openExchange = (
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
  clientAddress: string,
): Exchange => {
  const started = clock.monotonic();
  const at = clock.now();
  const client = new Departure();
  response.once('close', () => {
    if (!response.writableFinished) client.leave();
  });
  const target = request.url ?? '/';
  const query = target.indexOf('?');
  return {
    id: newRequestId(at),
    at,
    request,
    response,
    clientAddress,
    path: query === -1 ? target : target.slice(0, query),
    client,
    caller: null,
    accounts: null,
    cut: false,
    elapsed: () => asDuration(Math.round(clock.monotonic() - started)),
    body: emptyBody(),
    upload: null,
    description: null,
    prefix: null,
    cacheLife: null,
    attempts: [],
    decision: null,
    isMoved: false,
    account: null,
    status: null,
    waitMs: asDuration(0),
    answeredAt: null,
    firstByteMs: null,
    limits: null,
    upstreamRequestId: null,
    mayHaveRunTwice: false,
    passing: null,
    capture: null,
    told: { started: false, attempt: 0, answered: false },
  };
};

const noUsage: Usage = { tokens: noTokens, model: null, stopReason: null, error: null, message: 'none' };
const undescribed: Description = {
  agent: 'other',
  session: null,
  conversation: null,
  model: null,
  stream: false,
};

/** The path as screen and history show it: bounded, and without anything that looks like a credential. */
export const shownPath = ({ path }: Pick<Exchange, 'path'>): string => maskTokens(path).slice(0, 300);

/** Who asked, as the history calls it. */
export const callerName = ({ caller }: Pick<Exchange, 'caller'>): string => caller?.name ?? nameWithoutKey;

const limitsOf = ({ limits }: Exchange): Pick<FinishedRequest, 'limits'> =>
  limits === null ? {} : { limits };

/** The row of an exchange that has ended. `usage` is null when no answer of a provider was read. */
export const finishedRequest = (
  exchange: Exchange,
  outcome: Outcome,
  usage: Usage | null,
  error: string | null,
): FinishedRequest => {
  const { agent, session, model, stream } = exchange.description ?? undescribed;
  const answer = usage ?? noUsage;
  return {
    id: exchange.id,
    at: exchange.at,
    method: exchange.request.method ?? 'GET',
    path: shownPath(exchange),
    client: callerName(exchange),
    clientAddress: exchange.clientAddress,
    agent,
    session,
    project: projectOf(exchange.request.headers, callerName(exchange)),
    model,
    upstreamModel: answer.model ?? model,
    account: exchange.account?.name ?? null,
    accountId: exchange.account?.id ?? null,
    costKind: costKindOf(exchange.account?.kind ?? null),
    status: exchange.status,
    outcome: exchange.cut && outcome === 'aborted' ? 'truncated' : outcome,
    stream,
    waitMs: exchange.waitMs,
    firstByteMs: exchange.firstByteMs,
    totalMs: exchange.elapsed(),
    attempts: exchange.attempts,
    decision: exchange.decision,
    ...limitsOf(exchange),
    tokens: answer.tokens,
    stopReason: answer.stopReason,
    upstreamRequestId: exchange.upstreamRequestId === null ? null : maskTokens(exchange.upstreamRequestId),
    mayHaveRunTwice: exchange.mayHaveRunTwice,
    error: exchange.cut ? 'cut when the proxy stopped' : (error ?? answer.error),
  };
};
