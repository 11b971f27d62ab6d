import type { Choice } from '../balancer/choose.ts';
import { readLimits, type LimitReading } from '../balancer/limits.ts';
import { judge, type Verdict } from '../balancer/retry-policy.ts';
import type { Candidate } from '../balancer/strategies.ts';
import { callLimits } from '../shared/call-limit.ts';
import type { Secret } from '../shared/secret.ts';
import { asDuration, type AccountRecord, type EpochMs } from '../shared/types.ts';
import { discard } from './discard.ts';
import { attempt, type AttemptInput, type AttemptResult } from './attempt.ts';
import { earlyError } from './early-error.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardContext, ForwardRules } from './forward.ts';
import { upstreamHeaders } from './headers.ts';
import { untold } from './interim.ts';
import { isMaking } from './owners.ts';
import { settle } from './placement.ts';
import { hopsOf, markedConnection, mayBeProxy } from './loop.ts';

export type Judged = { result: AttemptResult; verdict: Verdict; isUnasked?: boolean };

/** `limits`: what the answer tells of them; null without an answer. */
export type Tried = Judged & { limits: LimitReading | null };

/** There is no secret that could be sent: nobody was asked. The pool knows why. */
const unsent: AttemptResult = { kind: 'failed', reason: 'unreachable', stale: false, sent: false };

export type Chosen = Pick<Extract<Choice, { kind: 'use' }>, 'candidate' | 'isAnyway'>;

/** Whether it is in doubt that the account serves: it failed last, or is limited and asked all the same. */
export const isProbe = ({ candidate, isAnyway }: Chosen): boolean =>
  candidate.runtime.failures > 0 || isAnyway === true;

/**
 * One account: its secret, the request, the verdict on the answer, and what account, conversation and row learn
 * from it. The account counts as busy until the caller releases it.
 */
export const tryAccount = async (
  exchange: Exchange,
  choice: Chosen,
  rules: ForwardRules,
  context: ForwardContext,
): Promise<Tried> => {
  const { pool } = context;
  const { candidate } = choice;
  const isAnyway = choice.isAnyway === true;
  const account = candidate.record.id;
  const probe = isProbe(choice);
  if (probe) pool.probes += 1;
  pool.dispatched(account, { isAnyway, isMoved: exchange.isMoved });
  try {
    const { clock } = context;
    const started = clock.monotonic();
    const result = await ask(exchange, candidate, rules, context);
    const tried = verdictOn(rules.identity ? withoutPage(result) : result, rules, clock.now());
    if (tried.result.kind === 'aborted' || tried.result.kind === 'too_large') return tried;
    learn(exchange, candidate, { ...tried, isAnyway }, context);
    note(exchange, candidate, { ...tried, ms: clock.monotonic() - started }, context);
    return tried;
  } catch (error) {
    pool.released(account);
    throw error;
  } finally {
    if (probe) pool.probes -= 1;
  }
};

/** An error that is the client's own, such as a 400, says nothing of limits, and leaves nothing in a prompt cache. */
const isServed = ({ result, verdict }: Judged): boolean =>
  verdict.kind === 'forwarded' && result.kind === 'response' && result.response.status < 300;

/** A web page with a status of success: who answers there is no provider, but the login of a network, or an error of somebody on the way. */
const withoutPage = (result: AttemptResult): AttemptResult => {
  if (result.kind !== 'response' || result.response.status >= 300) return result;
  if (!pageType.test(result.response.headers['content-type'] ?? '')) return result;
  result.response.destroy();
  return { kind: 'failed', reason: 'unreachable', stale: false, sent: true };
};

const pageType = /^text\/html\b/i;

const verdictOn = (result: AttemptResult, { identity }: ForwardRules, now: EpochMs): Tried => {
  if (result === unsent) return { result, verdict: { kind: 'unauthorized' }, limits: null, isUnasked: true };
  if (result.kind !== 'response') return { result, verdict: { kind: 'unreachable' }, limits: null };
  const { headers, status } = result.response;
  const limits = readLimits(headers, now);
  const early = identity ? earlyError(result.response) : null;
  return { result, verdict: early ?? judge(status, limits, now), limits };
};

/** Sends the request, and once more when a pooled connection turned out to be dead. Async only where it has to wait. */
const ask = (
  exchange: Exchange,
  candidate: Candidate,
  rules: ForwardRules,
  context: ForwardContext,
): Promise<AttemptResult> => {
  const { record } = candidate;
  const secret = context.pool.secretAtHand(record.id);
  if (secret !== null) return sendWith(exchange, candidate, secret, { rules, context });
  // A keychain may wait for a person, and nobody else would see that the client has gone.
  return exchange.client.waitFor(context.pool.secretOf(record.id)).then((late) => {
    if (late === 'gone') return { kind: 'aborted' };
    return late === null ? unsent : sendWith(exchange, candidate, late, { rules, context });
  });
};

type Means = { rules: ForwardRules; context: ForwardContext };

const sendWith = (
  exchange: Exchange,
  candidate: Candidate,
  secret: Secret,
  means: Means,
): Promise<AttemptResult> => {
  const { record } = candidate;
  const sent = send(exchange, record, secret, means);
  return record.kind === 'login' ? renewing(exchange, candidate, secret, { ...means, sent }) : sent;
};

/** A token that was refused is renewed, unless others have done so meanwhile, and the request sent once more with the new one. */
const renewing = async (
  exchange: Exchange,
  candidate: Candidate,
  secret: Secret,
  { rules, context, sent }: Means & { sent: Promise<AttemptResult> },
): Promise<AttemptResult> => {
  const { pool, clock, logins, config } = context;
  const { record } = candidate;
  const started = clock.monotonic();
  const first = await sent;
  if (first.kind !== 'response' || first.response.status !== 401) return first;
  const replaced = await exchange.client.waitFor(logins.replace(record.id, secret));
  if (replaced === 'gone') {
    first.response.destroy();
    return { kind: 'aborted' };
  }
  const { token } = replaced;
  if (token === null || exchange.upload !== null) return first;
  const ms = clock.monotonic() - started;
  note(exchange, candidate, { result: first, verdict: { kind: 'unauthorized' }, ms }, context);
  discard(first, config().timeouts.idleMs);
  if (exchange.account !== null) {
    exchange.account = { ...exchange.account, attempt: exchange.attempts.length + 1, at: clock.now() };
  }
  return send(exchange, record, pool.secretAtHand(record.id) ?? token, { rules, context });
};

const send = async (
  exchange: Exchange,
  record: AccountRecord,
  secret: Secret,
  { rules, context }: Means,
): Promise<AttemptResult> => {
  const { pool, connections, config, hop } = context;
  const target = pool.targetOf(record.id);
  if (target === null) return unsent;
  const { method = 'GET', url = '/', rawHeaders, headers: given } = exchange.request;
  const { body, client, upload } = exchange;
  exchange.capture?.secrets.add(secret);
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
  { result, verdict, limits, isUnasked = false, isAnyway }: Tried & { isAnyway: boolean },
  context: ForwardContext,
): void => {
  const { pool, emit, clock } = context;
  const model = exchange.description?.model ?? null;
  const served = isServed({ result, verdict });
  exchange.limits = callLimits(limits);
  if (limits) {
    pool.limitsSeen(record.id, limits, isAnyway && served ? { model } : null);
    context.headroom.told(record.id, limits.windows);
    context.unknownWords(record.name, limits);
  }
  if (limits && limits.windows.length > 0) {
    emit({ type: 'limitsSeen', at: clock.now(), account: record.id, windows: limits.windows });
  }
  // What cannot be sent again has met a token that is replaced by now.
  const isReplaced =
    record.kind === 'login' && exchange.upload !== null && pool.secretAtHand(record.id) !== null;
  if (!isUnasked && (verdict.kind !== 'unauthorized' || !isReplaced)) {
    pool.judged(record.id, verdict, model);
  }
  if (served) settle(exchange, record.id, context);
};

const note = (
  exchange: Exchange,
  { record: { id, name } }: Candidate,
  { result, verdict, ms }: Judged & { ms: number },
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
