import type { IncomingMessage } from 'node:http';
import { choose, type Choice } from '../balancer/choose.ts';
import { mayTryAgain, type Verdict, type VerdictKind } from '../balancer/retry-policy.ts';
import type { Sessions } from '../balancer/sessions.ts';
import type { Candidate } from '../balancer/strategies.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import type { ProxyEvent } from '../shared/events.ts';
import type { AccountId, Decision } from '../shared/types.ts';
import type { AccountPool } from './account-pool.ts';
import type { Agents, AttemptResult } from './attempt.ts';
import type { Exchange } from './exchange.ts';
import { tryAccount } from './try-account.ts';

export type ForwardContext = {
  pool: AccountPool;
  sessions: Sessions;
  agents: Agents;
  clock: Clock;
  config(): Config;
  emit(event: ProxyEvent): void;
};

export type ForwardRules = {
  /** Whether the request may be sent a second time after it may have run. */
  replay: boolean;
  /** Ask for an unencoded answer, so that it can be read in passing. */
  identity: boolean;
};

export type None = Extract<Choice, { kind: 'none' }>;

/** What the attempts came to. */
export type Forwarded =
  /** An answer for the client. Its account counts as busy until the caller releases it. */
  | { kind: 'answer'; upstream: IncomingMessage; verdict: Verdict; none: None | null }
  | { kind: 'none'; choice: None }
  | { kind: 'unreachable'; timeout: boolean }
  | { kind: 'aborted' };

/**
 * Finds an account that answers: asks one after the other, before the first byte has gone to the client, within the
 * limits of the retry policy. Never rejects.
 */
export const forward = async (
  exchange: Exchange,
  rules: ForwardRules,
  context: ForwardContext,
): Promise<Forwarded> => {
  const verdicts: VerdictKind[] = [];
  const tried = new Set<AccountId>();
  let choice = chooseNext(exchange, tried, context);
  while (choice.kind === 'use') {
    announce(exchange, choice.candidate, choice.decision, context);
    const account = choice.candidate.record.id;
    const { result, verdict } = await tryAccount(exchange, choice.candidate, rules, context);
    if (verdict.kind === 'forwarded' && result.kind === 'response') {
      return { kind: 'answer', upstream: result.response, verdict, none: null };
    }
    if (result.kind === 'aborted') {
      context.pool.released(account);
      return { kind: 'aborted' };
    }
    verdicts.push(verdict.kind);
    tried.add(account);
    const next = mayTryAgain(verdicts, rules.replay) ? chooseNext(exchange, tried, context) : null;
    // A refused key is our trouble, not the client's: its 401 is never passed on.
    if (result.kind === 'response' && verdict.kind !== 'unauthorized' && next?.kind !== 'use') {
      return { kind: 'answer', upstream: result.response, verdict, none: next };
    }
    context.pool.released(account);
    discard(result);
    if (next === null || isUnreachable(result, next)) {
      return { kind: 'unreachable', timeout: result.kind === 'failed' && result.reason === 'timeout' };
    }
    choice = next;
  }
  return { kind: 'none', choice };
};

/** The last account could not be reached and no other has anything better to say. */
const isUnreachable = (result: AttemptResult, next: Choice): boolean =>
  result.kind === 'failed' && next.kind === 'none' && next.why === 'all_overloaded';

const chooseNext = (exchange: Exchange, tried: ReadonlySet<AccountId>, context: ForwardContext): Choice => {
  const { pool, sessions, clock, config } = context;
  const conversation = exchange.description?.conversation ?? null;
  const request = {
    model: exchange.description?.model ?? null,
    session: conversation !== null,
    home: conversation === null ? null : sessions.homeOf(conversation),
    tried,
    mayProbe: !pool.probing,
  };
  const choice = choose(pool.candidates(), request, config().strategy, clock.now());
  exchange.decision = choice.decision;
  return choice;
};

const announce = (
  exchange: Exchange,
  { record: { id, name } }: Candidate,
  decision: Decision,
  { clock, emit }: ForwardContext,
): void => {
  exchange.account = { id, name };
  const attempt = exchange.attempts.length + 1;
  emit({
    type: 'accountChosen',
    at: clock.now(),
    id: exchange.id,
    account: id,
    accountName: name,
    attempt,
    decision,
  });
};

/** Empties an answer nobody gets, so that its connection can be used again; a long one costs the connection. */
const discard = (result: AttemptResult): void => {
  if (result.kind !== 'response') return;
  const { response } = result;
  let length = 0;
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > 65_536) response.destroy();
  });
};
