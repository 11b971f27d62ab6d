import type { Choice } from '../balancer/choose.ts';
import { holdTime, longestPaceMs, paceTime, patience } from '../balancer/hold-time.ts';
import { longestRampMs } from '../balancer/ramp.ts';
import type { Candidate } from '../balancer/strategies.ts';
import { waitFor, type Wait } from '../balancer/wait.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import { asEpoch, type AccountId } from '../shared/types.ts';
import type { Exchange } from './exchange.ts';
import type { HoldEnd, Holds } from './hold.ts';
import type { Pauses } from './pause.ts';

/** What waiting came to: a choice to go on with, or the end of the request. */
export type Turn =
  | { kind: 'choice'; choice: Choice }
  | { kind: 'ended'; how: Extract<HoldEnd, 'cancelled' | 'left' | 'stopping'> };

/** How one request chooses, again and again while it waits. */
export type Chooser = {
  /** When it has waited long enough. */
  ends: WaitEnds;
  choose(): Choice;
  /** Forgets who has refused it: that was before it waited. */
  startOver(): void;
};

export type WaitContext = {
  holds: Pick<Holds, 'hold' | 'hasBacklog'>;
  pauses: Pick<Pauses, 'pause'>;
  clock: Clock;
  config(): Pick<Config, 'holdMs'>;
};

/** When a request has waited long enough, monotonic; null while it has not waited for that. Several waits share it. */
export type WaitEnds = { [Why in Wait['why'] | 'ramp']: number | null };

/** Waits with a request that this was chosen for. null when it does not wait. */
type Waits = (
  exchange: Exchange,
  choice: Choice,
  chooserOf: () => Chooser,
  context: WaitContext,
) => Promise<Turn> | null;

/**
 * Waits with a request for an account that can take it, and then as long as a ramp keeps it from that. null when it does
 * not wait: nearly always.
 */
export const waitTurn: Waits = (exchange, choice, chooserOf, context) => {
  const turn = waitForAccount(exchange, choice, chooserOf, context);
  if (turn === null) return waitForRamp(exchange, choice, chooserOf, context);
  return turn.then((after) =>
    after.kind === 'ended' ? after : (waitForRamp(exchange, after.choice, chooserOf, context) ?? after),
  );
};

const isRamped = (choice: Choice): boolean =>
  choice.kind === 'use' && choice.move !== null && choice.move.rampedUntil !== null;

/** Waits with a request of a conversation that a limit moved, while its new account has taken enough of them. */
const waitForRamp: Waits = (exchange, choice, chooserOf, context) => {
  if (!isRamped(choice) || exchange.upload !== null) return null;
  const { ends, choose } = chooserOf();
  const now = context.clock.monotonic();
  ends.ramp ??= now + longestRampMs;
  const isReady = (): boolean => !isRamped(choose());
  const pause = context.pauses.pause(exchange, { longest: ends.ramp - now, isReady });
  if (pause === null) return null;
  return pause.then((isWaited) => {
    if (!isWaited) return { kind: 'ended', how: 'left' };
    const found = choose();
    // What has become of its accounts meanwhile may be worth a wait of another kind.
    return waitTurn(exchange, found, chooserOf, context) ?? { kind: 'choice', choice: found };
  });
};

/**
 * Waits with a request whose accounts are limited, or only asked to slow down, for as long as it may; behind those that
 * wait for the same account already. null when it does not wait.
 */
const waitForAccount: Waits = (exchange, choice, chooserOf, context) => {
  const behind = choice.kind === 'use' ? behindOthers(choice.candidate, context) : null;
  const wait = waitFor(choice, context.clock.now()) ?? behind;
  return wait === null ? null : waitWith(wait, { exchange, choice, chooser: chooserOf() }, context);
};

/** Those who wait for the same account come before one that could have it now. */
const behindOthers = ({ record }: Candidate, { holds }: WaitContext): Wait | null => {
  const isCounted = record.concurrent !== undefined;
  if (!holds.hasBacklog(record.id, isCounted)) return null;
  return { why: isCounted ? 'full' : 'pace', until: null };
};

type Waiting = { exchange: Exchange; choice: Choice; chooser: Chooser };

const waitWith = (wait: Wait, waiting: Waiting, context: WaitContext): Promise<Turn> | null => {
  const { exchange, choice, chooser } = waiting;
  const { holds, clock } = context;
  // What is not kept cannot wait: nobody would read on, nor see its client leave.
  if (exchange.upload !== null) return null;
  // Who may wait for a limit may wait as long for a breath, when there is nowhere else to go.
  const why = choice.kind === 'none' && holdMsOf(exchange, context) > longestPaceMs ? 'limited' : wait.why;
  const end = (chooser.ends[why] ??= clock.monotonic() + longest(exchange, why, context));
  const left = end - clock.monotonic();
  if (left <= 0) return null;
  const until = asEpoch(Math.min(clock.now() + left, wait.until ?? Infinity));
  exchange.decision = choice.decision;
  const next = (): AccountId | 'nobody' | null => {
    const found = chooser.choose();
    const more = waitFor(found, clock.now());
    if (found.kind === 'use' && more === null) return found.candidate.record.id;
    // A place was worth the wait while there could be one: what else is the matter with its accounts is looked at anew.
    if (wait.why === 'full') return more?.why === 'full' ? null : 'nobody';
    return found.kind === 'none' && found.why === 'no_account' ? 'nobody' : null;
  };
  const held = holds.hold(exchange, { why: wait.why, ends: end, until, next });
  if (held === null) return null;
  chooser.startOver();
  return held.then((how) => {
    if (how === 'cancelled' || how === 'left' || how === 'stopping') return { kind: 'ended', how };
    const found = chooser.choose();
    if (how === 'over') return { kind: 'choice', choice: found };
    const again = waitFor(found, clock.now());
    const more = again === null ? null : waitWith(again, { ...waiting, choice: found }, context);
    return more ?? { kind: 'choice', choice: found };
  });
};

const holdMsOf = ({ caller }: Exchange, { config }: WaitContext): number => caller?.holdMs ?? config().holdMs;

const longest = (exchange: Exchange, why: Wait['why'], context: WaitContext): number => {
  const stated = exchange.request.headers['x-stainless-timeout'];
  const left = patience(typeof stated === 'string' ? stated : undefined, exchange.elapsed());
  return why === 'limited' ? holdTime(holdMsOf(exchange, context), left) : paceTime(left);
};
