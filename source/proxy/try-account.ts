import { readLimits, type LimitReading } from '../balancer/limits.ts';
import { judge, type Verdict } from '../balancer/retry-policy.ts';
import type { Candidate } from '../balancer/strategies.ts';
import { asDuration } from '../shared/types.ts';
import { attempt, type AttemptResult } from './attempt.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardContext, ForwardRules } from './forward.ts';
import { upstreamHeaders } from './headers.ts';
import { untold } from './interim.ts';

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
    return await askAndJudge(exchange, candidate, rules, context);
  } catch (error) {
    pool.released(account);
    throw error;
  } finally {
    if (probe) pool.probes -= 1;
  }
};

const askAndJudge = async (
  exchange: Exchange,
  candidate: Candidate,
  rules: ForwardRules,
  context: ForwardContext,
): Promise<Tried> => {
  const { clock } = context;
  const started = clock.monotonic();
  const result = await ask(exchange, candidate, rules, context);
  const now = clock.now();
  const limits = result.kind === 'response' ? readLimits(result.response.headers, now) : null;
  const verdict: Verdict =
    result.kind === 'response' && limits
      ? judge(result.response.statusCode ?? 502, limits, now)
      : { kind: 'unreachable' };
  if (result.kind !== 'aborted') {
    learn(exchange, candidate, { verdict, limits }, context);
    note(exchange, candidate, { result, verdict, ms: clock.monotonic() - started }, context);
  }
  return { result, verdict };
};

/** Sends the request, and once more when a pooled connection turned out to be dead. */
const ask = async (
  exchange: Exchange,
  { record }: Candidate,
  rules: ForwardRules,
  { pool, agents, config }: ForwardContext,
): Promise<AttemptResult> => {
  const secret = await pool.secretOf(record.id);
  const base = pool.baseOf(record.id);
  if (secret === null || base === null) return unsent;
  const { method = 'GET', url = '/', rawHeaders } = exchange.request;
  const { body, client } = exchange;
  const headers = upstreamHeaders({
    raw: rawHeaders,
    host: base.host,
    kind: record.kind,
    secret,
    contentLength: body.length > 0 || method === 'POST' ? body.length : null,
    identity: rules.identity,
  });
  const { connectMs, firstByteMs } = config().timeouts;
  const input = {
    agents,
    base,
    method,
    path: url,
    headers,
    body,
    connectMs,
    firstByteMs,
    client,
  };
  const result = await attempt({ ...input, freshSocket: false });
  if (result.kind !== 'failed' || !result.stale || !rules.replay) return result;
  // RFC 9110 section 9.2.2 lets a client repeat what died with an idle connection; it may have run all the same.
  exchange.mayHaveRunTwice ||= method === 'POST';
  return attempt({ ...input, freshSocket: true });
};

const learn = (
  exchange: Exchange,
  { record }: Candidate,
  { verdict, limits }: { verdict: Verdict; limits: LimitReading | null },
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
    status: result.kind === 'response' ? (result.response.statusCode ?? null) : null,
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
