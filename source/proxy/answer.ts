import { workOf } from '../balancer/work.ts';
import type { Choice } from '../balancer/choose.ts';
import type { Verdict } from '../balancer/retry-policy.ts';
import { httpErrors } from '../shared/errors.ts';
import type { EpochMs, Outcome } from '../shared/types.ts';
import { closeAfter } from './close-after.ts';
import { cutEventOf } from './cut-event.ts';
import { finishedRequest, type Exchange } from './exchange.ts';
import type { ForwardContext, Forwarded } from './forward.ts';
import { downstreamHeaders, dropLength, type Withheld } from './headers.ts';
import { nameTap } from './owners.ts';
import { errorBody, sendError, type OwnError } from './own-answer.ts';
import { limitHeaders, refuse } from './refuse.ts';
import { envelopeOf } from './route-table.ts';
import { openPassing } from './growth.ts';
import { streamAnswer, type StreamEnd } from './stream.ts';
import type { UpstreamResponse } from './upstream-response.ts';
import { createUsageTap, type Usage } from './usage-tap.ts';
import { withheldOf } from './withheld.ts';

type Answer = Extract<Forwarded, { kind: 'answer' }>;

/** Gives the client what the attempts came to, and emits the row when it has ended. Never rejects. */
export const answer = async (
  exchange: Exchange,
  forwarded: Forwarded,
  context: ForwardContext,
): Promise<void> => {
  if (forwarded.kind === 'answer') {
    try {
      return await passOn(exchange, forwarded, context);
    } finally {
      if (exchange.account && forwarded.isReleased !== true) context.pool.released(exchange.account.id);
    }
  }
  if (forwarded.kind === 'aborted') {
    // Of a body that turned out to be none its client was told already.
    return exchange.status === null
      ? finish(exchange, 'aborted', null, null, context)
      : finish(exchange, 'rejected', null, 'bad_request', context);
  }
  const { code, message, headers } = ownErrorOf(forwarded, exchange, context);
  reject(exchange, { code, message, headers }, context);
};

/** What a client still sends of a body that nobody waits for would stand before its next request. */
const closeAfterUpload = ({ upload, response }: Exchange): void => {
  if (upload !== null && !upload.isOver) closeAfter(response);
};

/** Answers with an error of ours and emits the row. */
export const reject = (
  exchange: Exchange,
  error: Pick<OwnError, 'code' | 'message' | 'headers'>,
  context: ForwardContext,
): void => {
  closeAfterUpload(exchange);
  const attempts = { 'x-ccr-attempts': String(exchange.attempts.length) };
  const own: OwnError = {
    ...error,
    envelope: envelopeOf(exchange.path),
    requestId: exchange.id,
    headers: { ...attempts, ...error.headers },
  };
  if (!exchange.response.headersSent) {
    exchange.status = httpErrors[error.code].status;
    exchange.capture?.refused(
      exchange.status,
      ['x-ccr-error', own.code, ...Object.entries(own.headers ?? {}).flat()],
      errorBody(own),
    );
  }
  sendError(exchange.response, own);
  finish(exchange, exchange.client.gone ? 'aborted' : 'rejected', null, error.code, context);
};

/** `limit` in bytes. */
export const tooLarge = (limit: number): Pick<OwnError, 'code' | 'message'> => ({
  code: 'body_too_large',
  message: `The request body is larger than ${limit / 1_048_576} MiB.`,
});

/** To a request that comes, or still waits, when the proxy stops. */
export const stopping = { code: 'shutting_down', message: 'The proxy is stopping.' } as const;

const cancelled: Pick<OwnError, 'code' | 'message' | 'headers'> = {
  code: 'all_limited',
  message: 'This request waited for an account, and was given up by hand.',
  headers: { 'x-should-retry': 'false' },
};

const ownErrorOf = (
  forwarded: Exclude<Forwarded, { kind: 'answer' | 'aborted' }>,
  { attempts, upload }: Exchange,
  { clock }: ForwardContext,
): Pick<OwnError, 'code' | 'message' | 'headers'> => {
  if (forwarded.kind === 'too_large') return tooLarge(upload?.limit ?? 0);
  if (forwarded.kind === 'none') return refuse(forwarded.choice, clock.now());
  if (forwarded.kind === 'stopping') return stopping;
  if (forwarded.kind === 'cancelled') return cancelled;
  const last = attempts.at(-1);
  if (last?.verdict === 'unauthorized') {
    const what =
      last.status === null ? 'The account has no key at hand' : 'The provider refused the key of the account';
    const message = `${what}, and what was sent cannot be sent again.`;
    return { code: 'upstream_unreachable', message };
  }
  return forwarded.timeout
    ? { code: 'upstream_timeout', message: 'The provider did not answer in time.' }
    : { code: 'upstream_unreachable', message: 'The provider could not be reached.' };
};

const passOn = async (
  exchange: Exchange,
  { upstream, verdict, next, limits }: Answer,
  context: ForwardContext,
): Promise<void> => {
  const { response, client } = exchange;
  const { clock, config } = context;
  closeAfterUpload(exchange);
  // Any three digits can come; only these can be a final status.
  const status = upstream.status >= 200 ? upstream.status : 502;
  const contentType = upstream.headers['content-type'];
  exchange.status = status;
  exchange.firstByteMs = exchange.elapsed();
  exchange.answeredAt = clock.now();
  exchange.upstreamRequestId = boundedHeader(upstream, 'request-id');
  const forPool = next === null || status < 400 ? null : poolHeaders(verdict, next, clock.now());
  const withheld = forPool === null ? withheldOf(exchange, limits, context) : 'limits';
  const headers = answerHeaders(exchange, upstream, withheld, forPool);
  response.writeHead(status, headers);
  const encoding = upstream.headers['content-encoding'];
  const usageTap = createUsageTap(contentType, encoding);
  const named = status < 300 ? nameTap(usageTap, exchange, context.owners) : usageTap;
  const tap = exchange.capture?.answered(status, headers, encoding, named) ?? named;
  const { idleMs } = config().timeouts;
  const passing = openPassing(tap);
  exchange.passing = passing;
  context.growth.began();
  const cutEvent = cutEventOf(exchange, upstream);
  const end = await streamAnswer({ upstream, response, client, tap, passing, idleMs, cutEvent });
  exchange.passing = null;
  exchange.capture?.passed(end === 'complete');
  const usage = tap.usage();
  spend(exchange, usage, context);
  finish(
    exchange,
    outcomeOf(end, status, usage),
    usage,
    end === 'truncated' ? 'the answer was cut' : null,
    context,
  );
};

/** What an answer has cost teaches how much room its account has. */
const spend = (
  { account, description }: Exchange,
  { tokens, model }: Usage,
  { headroom }: ForwardContext,
): void => {
  if (account === null) return;
  const name = description?.model ?? model;
  headroom.spent(account.id, name, workOf(name, tokens));
};

/** The client must learn when the pool can serve it, not when this one account can. */
const poolHeaders = (verdict: Verdict, next: Choice, now: EpochMs): Record<string, string> | null => {
  if (verdict.kind === 'overloaded') return { 'retry-after': '2' };
  if (verdict.kind !== 'limited') return null;
  // Another account has room; whether to send it again is up to the client.
  if (next.kind === 'use') return { 'retry-after': '1' };
  return next.why === 'all_limited' ? limitHeaders(next.availableAt, now) : null;
};

const boundedHeader = (upstream: UpstreamResponse, name: string): string | null => {
  return upstream.headers[name]?.slice(0, 200) ?? null;
};

const answerHeaders = (
  exchange: Exchange,
  upstream: UpstreamResponse,
  withheld: Withheld,
  forPool: Record<string, string> | null,
): string[] => {
  const headers = downstreamHeaders(upstream.rawHeaders, withheld);
  if (upstream.status === 204 || upstream.status === 304) dropLength(headers);
  for (const [name, value] of Object.entries(forPool ?? {})) headers.push(name, value);
  headers.push('x-ccr-request-id', exchange.id, 'x-ccr-attempts', String(exchange.attempts.length));
  if (exchange.account) headers.push('x-ccr-account', exchange.account.name);
  return headers;
};

const outcomeOf = (end: StreamEnd, status: number, usage: Usage): Outcome => {
  if (end === 'truncated') return end;
  // SDKs hang up on an error as soon as its status has told them enough; it was an error all the same.
  if (end === 'aborted') return status >= 400 ? 'error' : end;
  return status >= 400 || usage.error !== null ? 'error' : 'ok';
};

const finish = (
  exchange: Exchange,
  outcome: Outcome,
  usage: Usage | null,
  error: string | null,
  { emit, clock }: ForwardContext,
): void => {
  exchange.capture?.finish(outcome);
  emit({
    type: 'requestFinished',
    at: clock.now(),
    request: finishedRequest(exchange, outcome, usage, error),
  });
};
