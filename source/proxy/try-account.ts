import { readLimits, type LimitReading } from '../balancer/limits.ts';
import { judge, type Verdict } from '../balancer/retry-policy.ts';
import type { Candidate } from '../balancer/strategies.ts';
import type { Secret } from '../shared/secret.ts';
import { asDuration, type AccountRecord, type EpochMs } from '../shared/types.ts';
import { attempt, type AttemptInput, type AttemptResult } from './attempt.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardContext, ForwardRules } from './forward.ts';
import { upstreamHeaders } from './headers.ts';
import { untold } from './interim.ts';
import { isMaking } from './owners.ts';
import { hopsOf, markedConnection, mayBeProxy } from './loop.ts';

export type Tried = { result: AttemptResult; verdict: Verdict };

const unsent: AttemptResult = { kind: 'failed', reason: 'unreachable', stale: false, sent: false };

/**
 * One account: its secret, the request, the verdict on the answer, and what account, conversation and row learn
 * from it. The account counts as busy until the caller releases it.
 */
export const tryAccount = async (
  exchange: Exchange,
  candidate: Candidate,
  rules: ForwardRules,
  context: ForwardContext,
): Promise<Tried> => {
  const { pool } = context;
  const account = candidate.record.id;
  const probe = candidate.runtime.failures > 0;
  if (probe) pool.probes += 1;
  pool.dispatched(account);
  try {
    const { clock } = context;
    const started = clock.monotonic();
    const result = await ask(exchange, candidate, rules, context);
    const tried = verdictOn(rules.identity ? withoutPage(result) : result, clock.now());
    if (tried.result.kind === 'aborted' || tried.result.kind === 'too_large') return tried;
    learn(exchange, candidate, tried, context);
    note(exchange, candidate, { ...tried, ms: clock.monotonic() - started }, context);
    return tried;
  } catch (error) {
    pool.released(account);
    throw error;
  } finally {
    if (probe) pool.probes -= 1;
  }
};

/** A web page with a status of success: who answers there is no provider, but the login of a network, or an error of somebody on the way. */
const withoutPage = (result: AttemptResult): AttemptResult => {
  if (result.kind !== 'response' || result.response.status >= 300) return result;
  if (!pageType.test(result.response.headers['content-type'] ?? '')) return result;
  result.response.destroy();
  return { kind: 'failed', reason: 'unreachable', stale: false, sent: true };
};

const pageType = /^text\/html\b/i;

type Judged = Tried & { limits: LimitReading | null };

const verdictOn = (result: AttemptResult, now: EpochMs): Judged => {
  if (result.kind !== 'response') return { result, verdict: { kind: 'unreachable' }, limits: null };
  const { headers, status } = result.response;
  const limits = readLimits(headers, now);
  return { result, verdict: judge(status, limits, now), limits };
};

/** Sends the request, and once more when a pooled connection turned out to be dead. Async only where it has to wait. */
const ask = (
  exchange: Exchange,
  { record }: Candidate,
  rules: ForwardRules,
  context: ForwardContext,
): Promise<AttemptResult> => {
  const secret = context.pool.secretAtHand(record.id);
  if (secret !== null) return send(exchange, record, secret, { rules, context });
  return context.pool.secretOf(record.id).then((late) => {
    return late === null ? unsent : send(exchange, record, late, { rules, context });
  });
};

const send = async (
  exchange: Exchange,
  record: AccountRecord,
  secret: Secret,
  { rules, context }: { rules: ForwardRules; context: ForwardContext },
): Promise<AttemptResult> => {
  const { pool, connections, config, hop } = context;
  const target = pool.targetOf(record.id);
  if (target === null) return unsent;
  const { method = 'GET', url = '/', rawHeaders, headers: given } = exchange.request;
  const { body, client, upload } = exchange;
  const headers = upstreamHeaders({
    raw: rawHeaders,
    host: target.host,
    kind: record.kind,
    secret,
    contentLength: lengthOf(exchange),
    // The name of what is made has to be read in passing.
    identity: rules.identity || isMaking(method, exchange.path),
    connection: mayBeProxy(target, secret) ? markedConnection(hopsOf(given.connection), hop) : null,
  });
  const { connectMs, firstByteMs } = config().timeouts;
  const input: AttemptInput = {
    connections,
    target,
    request: { method, path: target.prefix + url, headers, body, upload },
    connectMs,
    firstByteMs,
    client,
    // What cannot be sent again is not risked on a connection that may be dead.
    fresh: upload !== null,
  };
  const result = await attempt(input);
  if (result.kind !== 'failed' || !result.stale || !rules.replay) return result;
  // RFC 9110 section 9.2.2 lets a client repeat what died with an idle connection; it may have run all the same.
  exchange.mayHaveRunTwice ||= method === 'POST';
  return attempt({ ...input, fresh: true });
};

const lengthOf = ({ body, upload, request }: Exchange): number | 'chunked' | null => {
  if (upload !== null) return upload.length ?? 'chunked';
  return body.length > 0 || request.method === 'POST' ? body.length : null;
};

const learn = (
  exchange: Exchange,
  { record }: Candidate,
  { verdict, limits }: Judged,
  { pool, sessions, emit, clock }: ForwardContext,
): void => {
  if (limits) pool.limitsSeen(record.id, limits);
  if (limits && limits.windows.length > 0) {
    emit({ type: 'limitsSeen', at: clock.now(), account: record.id, windows: limits.windows });
  }
  pool.judged(record.id, verdict, exchange.description?.model ?? null);
  const conversation = exchange.description?.conversation;
  if (verdict.kind === 'forwarded' && conversation) sessions.served(conversation, record.id);
};

const note = (
  exchange: Exchange,
  { record: { id, name } }: Candidate,
  { result, verdict, ms }: Tried & { ms: number },
  { clock, emit }: ForwardContext,
): void => {
  const attempt = {
    account: name,
    status: result.kind === 'response' ? result.response.status : null,
    verdict: verdict.kind,
    window: verdict.kind === 'limited' ? verdict.window : null,
    ms: asDuration(Math.round(ms)),
  };
  exchange.attempts.push(attempt);
  if (verdict.kind === 'forwarded') return;
  // In their order: that it was asked, before what came of it.
  for (const event of untold(exchange)) emit(event);
  const place = { id: exchange.id, account: id, accountName: name, attempt: exchange.attempts.length };
  const { status, window } = attempt;
  emit({
    type: 'attemptFailed',
    at: clock.now(),
    ...place,
    status,
    verdict: verdict.kind,
    window,
    ms: attempt.ms,
  });
};
