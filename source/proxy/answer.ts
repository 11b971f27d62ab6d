import type { Choice } from '../balancer/choose.ts';
import type { Verdict } from '../balancer/retry-policy.ts';
import { httpErrors } from '../shared/errors.ts';
import type { EpochMs, Outcome } from '../shared/types.ts';
import { closeAfter } from './close-after.ts';
import { cutEventOf } from './cut-event.ts';
import { finishedRequest, type Exchange } from './exchange.ts';
import type { ForwardContext, Forwarded } from './forward.ts';
import { downstreamHeaders, dropLength } from './headers.ts';
import { nameTap } from './owners.ts';
import { sendError, type OwnError } from './own-answer.ts';
import { limitHeaders, refuse } from './refuse.ts';
import { envelopeOf } from './route-table.ts';
import { openPassing } from './growth.ts';
import { streamAnswer, type StreamEnd } from './stream.ts';
import type { UpstreamResponse } from './upstream-response.ts';
import { createUsageTap, type Usage } from './usage-tap.ts';

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
      if (exchange.account) context.pool.released(exchange.account.id);
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
  if (!exchange.response.headersSent) exchange.status = httpErrors[error.code].status;
  const attempts = { 'x-ccr-attempts': String(exchange.attempts.length) };
  sendError(exchange.response, {
    ...error,
    envelope: envelopeOf(exchange.path),
    requestId: exchange.id,
    headers: { ...attempts, ...error.headers },
  });
  finish(exchange, exchange.client.gone ? 'aborted' : 'rejected', null, error.code, context);
};

/** `limit` in bytes. */
export const tooLarge = (limit: number): Pick<OwnError, 'code' | 'message'> => ({
  code: 'body_too_large',
  message: `The request body is larger than ${limit / 1_048_576} MiB.`,
});

const ownErrorOf = (
  forwarded: Extract<Forwarded, { kind: 'none' | 'unreachable' | 'too_large' }>,
  { attempts, upload }: Exchange,
  { clock }: ForwardContext,
): Pick<OwnError, 'code' | 'message' | 'headers'> => {
  if (forwarded.kind === 'too_large') return tooLarge(upload?.limit ?? 0);
  if (forwarded.kind === 'none') return refuse(forwarded.choice, clock.now());
  if (attempts.at(-1)?.verdict === 'unauthorized') {
    const message = 'The provider refused the key of the account, and what was sent cannot be sent again.';
    return { code: 'upstream_unreachable', message };
  }
  return forwarded.timeout
    ? { code: 'upstream_timeout', message: 'The provider did not answer in time.' }
    : { code: 'upstream_unreachable', message: 'The provider could not be reached.' };
};

const passOn = async (
  exchange: Exchange,
  { upstream, verdict, next }: Answer,
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
  const forPool = next === null ? null : poolHeaders(verdict, next, clock.now());
  response.writeHead(status, answerHeaders(exchange, upstream, forPool));
  const usageTap = createUsageTap(contentType, upstream.headers['content-encoding']);
  const tap = status < 300 ? nameTap(usageTap, exchange, context.owners) : usageTap;
  const { idleMs } = config().timeouts;
  const passing = openPassing(tap);
  exchange.passing = passing;
  context.growth.began();
  const cutEvent = cutEventOf(exchange, upstream);
  const end = await streamAnswer({ upstream, response, client, tap, passing, idleMs, cutEvent });
  exchange.passing = null;
  const usage = tap.usage();
  finish(
    exchange,
    outcomeOf(end, status, usage),
    usage,
    end === 'truncated' ? 'the answer was cut' : null,
    context,
  );
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
  forPool: Record<string, string> | null,
): string[] => {
  const headers = downstreamHeaders(upstream.rawHeaders, forPool !== null);
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
  emit({
    type: 'requestFinished',
    at: clock.now(),
    request: finishedRequest(exchange, outcome, usage, error),
  });
};
