import { choose, type Choice } from '../balancer/choose.ts';
import type { RetryBudget } from '../balancer/retry-budget.ts';
import { freeVerdicts, mayTryAgain, type Verdict, type VerdictKind } from '../balancer/retry-policy.ts';
import type { Sessions } from '../balancer/sessions.ts';
import type { Candidate } from '../balancer/strategies.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import type { ProxyEvent } from '../shared/events.ts';
import type { AccountId, Decision } from '../shared/types.ts';
import type { AccountPool } from './account-pool.ts';
import type { AttemptResult } from './attempt.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Exchange } from './exchange.ts';
import type { Growth } from './growth.ts';
import type { Owners } from './owners.ts';
import { startTimeLimit } from './time-limit.ts';
import { tryAccount } from './try-account.ts';
import type { UpstreamResponse } from './upstream-response.ts';

export type ForwardContext = {
  pool: AccountPool;
  sessions: Sessions;
  /** Of all requests together. */
  retries: RetryBudget;
  /** Of batches and files. */
  owners: Owners;
  connections: ConnectionPool;
  clock: Clock;
  growth: Pick<Growth, 'began'>;
  config(): Config;
  emit(event: ProxyEvent): void;
  /** The mark of this proxy on requests to this machine. */
  hop: string;
};

export type ForwardRules = {
  /** Whether the request may be sent a second time after it may have run. */
  replay: boolean;
  /** Ask for an unencoded answer, so that it can be read in passing. */
  identity: boolean;
  /** Mebibytes that the body may have, which is then not kept; left out for one that is. */
  uploadMiB?: number;
};

export type None = Extract<Choice, { kind: 'none' }>;

/** What the attempts came to. */
export type Forwarded =
  /**
   * An answer for the client. Its account counts as busy until the caller releases it. `next` is who could serve after
   * a refusal: an account that this request may not ask any more, or nobody; null when the answer is no refusal.
   */
  | { kind: 'answer'; upstream: UpstreamResponse; verdict: Verdict; next: Choice | null }
  | { kind: 'none'; choice: None }
  | { kind: 'unreachable'; timeout: boolean }
  | { kind: 'too_large' }
  | { kind: 'aborted' };

/**
 * Finds an account that answers: asks one after the other, before the first byte has gone to the client, within the
 * limits of the retry policy.
 */
export const forward = async (
  exchange: Exchange,
  rules: ForwardRules,
  context: ForwardContext,
): Promise<Forwarded> => {
  context.retries.asked(context.clock.monotonic());
  const verdicts: VerdictKind[] = [];
  const asked: Asked = { tried: new Set(), probed: false, owner: ownerOf(exchange, rules, context) };
  let choice = chooseNext(exchange, asked, context);
  while (choice.kind === 'use') {
    const { candidate, decision } = choice;
    const account = candidate.record.id;
    announce(exchange, candidate, decision, context);
    asked.probed ||= candidate.runtime.failures > 0;
    const { result, verdict } = await tryAccount(exchange, candidate, rules, context);
    if (verdict.kind === 'forwarded' && result.kind === 'response') {
      return { kind: 'answer', upstream: result.response, verdict, next: null };
    }
    if (result.kind === 'aborted' || result.kind === 'too_large') {
      context.pool.released(account);
      return { kind: result.kind };
    }
    verdicts.push(verdict.kind);
    asked.tried.add(account);
    const next = chooseNext(exchange, asked, context);
    const goesOn = next.kind === 'use' && mayGoOn(exchange, verdicts, rules, context);
    // A refused key is our trouble, not the client's: its 401 is never passed on.
    if (result.kind === 'response' && verdict.kind !== 'unauthorized' && !goesOn) {
      if (next.kind === 'none') exchange.decision = next.decision;
      return { kind: 'answer', upstream: result.response, verdict, next };
    }
    context.pool.released(account);
    discard(result, context.config().timeouts.idleMs);
    if (next.kind === 'use' ? !goesOn : isUnreachable(result, next, verdicts)) return unreachable(result);
    exchange.mayHaveRunTwice ||= goesOn && mayHaveRun(exchange, result);
    choice = next;
  }
  exchange.decision = choice.decision;
  return { kind: 'none', choice };
};

/** Whether the request may be sent again after the last of these verdicts; what may have run costs a part of the budget. */
const mayGoOn = (
  { upload }: Exchange,
  verdicts: readonly VerdictKind[],
  rules: ForwardRules,
  context: ForwardContext,
): boolean => {
  const last = verdicts.at(-1);
  return (
    upload === null &&
    mayTryAgain(verdicts, rules.replay) &&
    ((last !== undefined && freeVerdicts.has(last)) || context.retries.spend(context.clock.monotonic()))
  );
};

const unreachable = (result: AttemptResult): Forwarded => ({
  kind: 'unreachable',
  timeout: result.kind === 'failed' && result.reason === 'timeout',
});

type Asked = {
  tried: Set<AccountId>;
  /** An account that was failing has been asked: one such try is enough for one request. */
  probed: boolean;
  /** The account that made what is asked for: no other one has it. */
  owner: AccountId | null;
};

/** What was sent and never answered may have run; sending it again may run it again. */
const mayHaveRun = ({ request }: Exchange, result: AttemptResult): boolean =>
  result.kind === 'failed' && result.sent && request.method === 'POST';

/** The last account could not be reached, and none before it answered that it is overloaded or failing. */
const isUnreachable = (result: AttemptResult, next: Choice, verdicts: readonly VerdictKind[]): boolean =>
  result.kind === 'failed' &&
  next.kind === 'none' &&
  next.why === 'all_overloaded' &&
  !verdicts.some((kind) => kind === 'overloaded' || kind === 'failed');

const chooseNext = (exchange: Exchange, { tried, probed, owner }: Asked, context: ForwardContext): Choice => {
  const { pool, sessions, clock, config } = context;
  const { accounts } = exchange;
  const all = pool.candidates();
  const permitted = accounts === null ? all : all.filter(({ record }) => accounts.has(record.name));
  const candidates = owner === null ? permitted : ownersOf(permitted, owner);
  const conversation = exchange.description?.conversation ?? null;
  const request = {
    model: exchange.description?.model ?? null,
    session: conversation !== null,
    home: conversation === null ? null : sessions.homeOf(conversation),
    tried,
    probed,
    probing: pool.probes > 0,
    mayProbe: pool.probes === 0 && !probed,
  };
  return choose(candidates, request, config().strategy, clock.now());
};

const ownerOf = (
  { path }: Exchange,
  { uploadMiB }: ForwardRules,
  { owners }: ForwardContext,
): AccountId | null => (uploadMiB === undefined ? null : owners.of(path));

/** The owner alone; everybody when it has gone, or this client may not use it. */
const ownersOf = (candidates: readonly Candidate[], owner: AccountId): readonly Candidate[] => {
  const own = candidates.filter(({ record }) => record.id === owner);
  return own.length > 0 ? own : candidates;
};

const announce = (
  exchange: Exchange,
  { record: { id, name } }: Candidate,
  decision: Decision,
  { clock }: ForwardContext,
): void => {
  exchange.account = { id, name, attempt: exchange.attempts.length + 1, at: clock.now() };
  exchange.decision = decision;
};

/** Longest wait for the end of an answer nobody gets. */
const discardMs = 5000;

/** Empties an answer nobody gets, so that its connection can be used again; a long or slow one costs the connection. */
const discard = (result: AttemptResult, idleMs: number): void => {
  if (result.kind !== 'response') return;
  const { response } = result;
  let length = 0;
  const limit = startTimeLimit(Math.min(discardMs, idleMs), () => response.destroy());
  const stop = (): void => limit.stop();
  response.read({
    data(bytes) {
      length += bytes.length;
      if (length <= 65_536) return;
      stop();
      response.destroy();
    },
    end: stop,
    cut: stop,
  });
};
