import type { Choice } from '../balancer/choose.ts';
import { isFull } from '../balancer/places.ts';
import type { LimitReading } from '../balancer/limits.ts';
import type { RetryBudget } from '../balancer/retry-budget.ts';
import type { Verdict } from '../balancer/retry-policy.ts';
import type { Headroom } from '../balancer/headroom.ts';
import type { Sessions } from '../balancer/sessions.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import type { ProxyEvent } from '../shared/events.ts';
import type { AccountPool } from './account-pool.ts';
import { afterRefusal, endedBy } from './after-refusal.ts';
import { chooserOf, chooseNext, newlyAsked, type Asked } from './choose-next.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Exchange } from './exchange.ts';
import type { Growth } from './growth.ts';
import type { Holds } from './hold.ts';
import type { Logins } from './logins.ts';
import type { Owners } from './owners.ts';
import type { Pauses } from './pause.ts';
import type { tellUnknownWords } from './tell-unknown-words.ts';
import { isProbe, tryAccount } from './try-account.ts';
import { waitTurn, type Turn } from './wait-turn.ts';
import type { UpstreamResponse } from './upstream-response.ts';

export type ForwardContext = {
  pool: AccountPool;
  logins: Pick<Logins, 'replace'>;
  sessions: Sessions;
  headroom: Headroom;
  /** Of all requests together. */
  retries: RetryBudget;
  /** Of batches and files. */
  owners: Owners;
  connections: ConnectionPool;
  /** Told of every answer's limits; see `tellUnknownWords`. */
  unknownWords: ReturnType<typeof tellUnknownWords>;
  clock: Clock;
  growth: Pick<Growth, 'began'>;
  /** Requests that wait for an account. */
  holds: Holds;
  /** Requests that wait for a moment. */
  pauses: Pauses;
  config(): Config;
  emit(event: ProxyEvent): void;
  /** 0 up to 1. */
  random(): number;
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
   * `isReleased`: the request has waited since, and its account counts as busy no longer.
   */
  | {
      kind: 'answer';
      upstream: UpstreamResponse;
      verdict: Verdict;
      next: Choice | null;
      /** What the answer tells of limits. */
      limits: LimitReading | null;
      isReleased?: boolean;
    }
  | { kind: 'none'; choice: None }
  /** It was held, and a person gave it up. */
  | { kind: 'cancelled' }
  | { kind: 'stopping' }
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
  const { pool, holds } = context;
  const asked = newlyAsked(exchange, rules, context);
  let choice = chooseNext(exchange, asked, context);
  const wait = waitTurn(exchange, choice, chooserOf(exchange, asked, context), context);
  if (wait !== null) {
    const turn = await wait;
    if (turn.kind === 'ended') return endedBy(turn);
    choice = turn.choice;
  }
  while (choice.kind === 'use') {
    const { candidate } = choice;
    if (isFull(candidate)) {
      // Another request took the last place since: whoever sees it free must take it in the same turn.
      const turn = await turnAnew(exchange, asked, context);
      if (turn.kind === 'ended') return endedBy(turn);
      choice = turn.choice;
      continue;
    }
    const account = candidate.record.id;
    announce(exchange, choice, context);
    asked.probed ||= isProbe(choice);
    const tried = await tryAccount(exchange, choice, rules, context);
    const { result, verdict } = tried;
    holds.settled(account);
    if (verdict.kind === 'forwarded' && result.kind === 'response') {
      const { limits } = tried;
      return { kind: 'answer', upstream: result.response, verdict, next: null, limits };
    }
    if (result.kind === 'aborted' || result.kind === 'too_large') {
      pool.released(account);
      return { kind: result.kind };
    }
    // An account without a secret has not been asked: there may be any number of them.
    if (tried.isUnasked !== true) asked.verdicts.push(verdict.kind);
    asked.tried.add(account);
    const step = await afterRefusal(exchange, asked, { ...tried, account }, { rules, context });
    if (step.kind !== 'next') return step;
    choice = step.choice;
  }
  exchange.decision = choice.decision;
  return { kind: 'none', choice };
};

const turnAnew = async (exchange: Exchange, asked: Asked, context: ForwardContext): Promise<Turn> => {
  const choice = chooseNext(exchange, asked, context);
  const wait = waitTurn(exchange, choice, chooserOf(exchange, asked, context), context);
  return wait ?? { kind: 'choice', choice };
};

const announce = (
  exchange: Exchange,
  { candidate: { record }, decision, move }: Extract<Choice, { kind: 'use' }>,
  { clock }: ForwardContext,
): void => {
  const { id, name, kind } = record;
  exchange.account = { id, name, kind, attempt: exchange.attempts.length + 1, at: clock.now() };
  exchange.decision = decision;
  exchange.isMoved = move?.isNew ?? false;
};
