import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Usage } from './usage-tap.ts';
import type { Caller } from './caller.ts';
import { Departure } from './departure.ts';
import type { Description } from './describe.ts';
import type { Passing } from './growth.ts';
import type { Told } from './interim.ts';
import { emptyBody, type Body } from './read-body.ts';
import type { Upload } from './upload.ts';
import { nameWithoutKey } from '../shared/client-key.ts';
import type { Clock } from '../shared/clock.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import {
  asDuration,
  noTokens,
  type AccountId,
  type Attempt,
  type Decision,
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
  attempts: Attempt[];
  decision: Decision | null;
  /** The account of the newest attempt, which attempt that is, and when it was chosen. */
  account: { id: AccountId; name: string; attempt: number; at: EpochMs } | null;
  status: number | null;
  /** When the head of the answer came. */
  answeredAt: EpochMs | null;
  firstByteMs: DurationMs | null;
  upstreamRequestId: string | null;
  mayHaveRunTwice: boolean;
  /** The answer, while it is being passed on. */
  passing: Passing | null;
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
    attempts: [],
    decision: null,
    account: null,
    status: null,
    answeredAt: null,
    firstByteMs: null,
    upstreamRequestId: null,
    mayHaveRunTwice: false,
    passing: null,
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
    model,
    upstreamModel: answer.model ?? model,
    account: exchange.account?.name ?? null,
    accountId: exchange.account?.id ?? null,
    status: exchange.status,
    outcome: exchange.cut && outcome === 'aborted' ? 'truncated' : outcome,
    stream,
    waitMs: asDuration(0),
    firstByteMs: exchange.firstByteMs,
    totalMs: exchange.elapsed(),
    attempts: exchange.attempts,
    decision: exchange.decision,
    tokens: answer.tokens,
    stopReason: answer.stopReason,
    upstreamRequestId: exchange.upstreamRequestId === null ? null : maskTokens(exchange.upstreamRequestId),
    mayHaveRunTwice: exchange.mayHaveRunTwice,
    error: exchange.cut ? 'cut when the proxy stopped' : (error ?? answer.error),
  };
};
