import type { Choice } from '../balancer/choose.ts';
import { mayTryAgain, type VerdictKind } from '../balancer/retry-policy.ts';
import { retryStep, type AttemptPhase, type RetryStep } from '../balancer/retry-step.ts';
import type { AccountId } from '../shared/types.ts';
import type { AttemptResult } from './attempt.ts';
import { chooserOf, chooseNext, type Asked } from './choose-next.ts';
import { discard } from './discard.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardContext, Forwarded, ForwardRules } from './forward.ts';
import type { Judged, Tried } from './try-account.ts';
import { waitTurn, type Turn } from './wait-turn.ts';

/** What comes of a request that an account has not served: an answer all the same, or the next choice. */
export const afterRefusal = async (
  exchange: Exchange,
  asked: Asked,
  { result, verdict, limits, account }: Tried & { account: AccountId },
  { rules, context }: Means,
): Promise<Forwarded | { kind: 'next'; choice: Choice }> => {
  const { pool } = context;
  let next = chooseNext(exchange, asked, context);
  const stepTo = (): RetryStep => stepAfter(exchange, asked, { result, verdict, next }, { rules, context });
  const wait = waitAfter(exchange, asked, { account, next, step: stepTo() }, { rules, context });
  if (wait !== null) {
    pool.released(account);
    const turn = await wait;
    if (turn.kind === 'ended') {
      if (result.kind === 'response') result.response.destroy();
      return endedBy(turn);
    }
    next = turn.choice;
  }
  const step = stepTo();
  const goesOn = step.kind === 'elsewhere';
  // A refused key is our trouble, not the client's: its 401 is never passed on.
  if (result.kind === 'response' && verdict.kind !== 'unauthorized' && !goesOn) {
    if (next.kind === 'none') exchange.decision = next.decision;
    const isReleased = wait !== null;
    return { kind: 'answer', upstream: result.response, verdict, next, limits, isReleased };
  }
  if (wait === null) pool.released(account);
  discard(result, context.config().timeouts.idleMs);
  if (next.kind === 'use' ? !goesOn : isUnreachable(result, next, asked.verdicts)) return unreachable(result);
  if (goesOn) goOn(exchange, step, context);
  return { kind: 'next', choice: next };
};

type Means = { rules: ForwardRules; context: ForwardContext };

/** What the retry policy says of a request after its newest attempt, with these to go on with. */
const stepAfter = (
  { upload, client }: Exchange,
  { verdicts, probed }: Asked,
  { result, verdict, next }: Judged & { next: Choice },
  { rules, context: { pool, retries, clock, random } }: Means,
): RetryStep =>
  retryStep({
    verdict: verdict.kind,
    phase: phaseOf(result),
    verdicts,
    isWaited: !client.gone,
    replayable: rules.replay,
    isKept: upload === null,
    isOtherReady: next.kind === 'use',
    mayAskAgain: !probed && pool.probes === 0,
    hasBudget: retries.has(clock.monotonic()),
    random: random(),
  });

const phaseOf = (result: AttemptResult): AttemptPhase => {
  if (result.kind === 'response') return 'answered';
  return result.kind === 'failed' && !result.sent ? 'unsent' : 'sent';
};

/** Takes what sending it again costs, and remembers that it may have run. */
const goOn = (
  exchange: Exchange,
  { isFree, mayRunTwice }: Extract<RetryStep, { kind: 'elsewhere' }>,
  { retries, clock }: ForwardContext,
): void => {
  if (!isFree) retries.spend(clock.monotonic());
  exchange.mayHaveRunTwice ||= mayRunTwice && exchange.request.method === 'POST';
};

/** What the request waits for before it goes on or is given up; null when it does not wait: nearly always. */
const waitAfter = (
  exchange: Exchange,
  asked: Asked,
  { account, next, step }: { account: AccountId; next: Choice; step: RetryStep },
  { rules, context }: Means,
): Promise<Turn> | null => {
  if (step.kind === 'same') return askAgain(exchange, asked, { account, afterMs: step.afterMs }, context);
  if (!mayTryAgain(asked.verdicts, rules.replay)) return null;
  return waitTurn(exchange, next, chooserOf(exchange, asked, context), context);
};

/** The choice after a pause, when the account may be asked once more. It counts as being asked meanwhile: others leave it alone. */
const askAgain = (
  exchange: Exchange,
  asked: Asked,
  { account, afterMs }: { account: AccountId; afterMs: number },
  context: ForwardContext,
): Promise<Turn> | null => {
  const { pool, pauses } = context;
  const pause = pauses.pause(exchange, { longest: afterMs });
  if (pause === null) return null;
  pool.probes += 1;
  return pause.then((isWaited) => {
    pool.probes -= 1;
    if (!isWaited) return { kind: 'ended', how: 'left' };
    asked.tried.delete(account);
    return { kind: 'choice', choice: chooseNext(exchange, asked, context) };
  });
};

export const endedBy = ({ how }: Extract<Turn, { kind: 'ended' }>): Forwarded => ({
  kind: how === 'left' ? 'aborted' : how,
});

const unreachable = (result: AttemptResult): Forwarded => ({
  kind: 'unreachable',
  timeout: result.kind === 'failed' && result.reason === 'timeout',
});

/** The last account could not be reached, and none before it answered that it is overloaded or failing. */
const isUnreachable = (result: AttemptResult, next: Choice, verdicts: readonly VerdictKind[]): boolean =>
  result.kind === 'failed' &&
  next.kind === 'none' &&
  next.why === 'all_overloaded' &&
  !verdicts.some((kind) => kind === 'overloaded' || kind === 'failed');
