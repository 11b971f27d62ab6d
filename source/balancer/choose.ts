import { blockOf, isRecovering, type Block } from './account-state.ts';
import { strategies, type Candidate, type StrategyName } from './strategies.ts';
import { asEpoch, type AccountId, type Considered, type Decision, type EpochMs } from '../shared/types.ts';

export type ChoiceRequest = {
  model: string | null;
  /** Whether the request belongs to a conversation. */
  session: boolean;
  /** The account that served this conversation last. */
  home: AccountId | null;
  /** Accounts this request has been refused by already. */
  tried: ReadonlySet<AccountId>;
  /** This request has asked an account that was failing: it asks no second one. */
  probed?: boolean;
  /** Another request is asking an account that was failing: this one leaves such accounts alone while others are free. */
  probing?: boolean;
  /** Whether an account in back-off may be asked when nobody else can serve: one such probe at a time. */
  mayProbe: boolean;
};

export type Choice =
  | { kind: 'use'; candidate: Candidate; decision: Decision }
  | {
      kind: 'none';
      /** Why nobody can serve: none configured or usable, all limited, or all in back-off. */
      why: 'no_account' | 'all_limited' | 'all_overloaded';
      /** When the first of them can again; null when that is unknown. */
      availableAt: EpochMs | null;
      decision: Decision;
    };

/**
 * Picks the account for one attempt: eligible ones of the lowest priority number, the conversation's own account
 * before all others, else the strategy's order. Pure: same arguments, same answer.
 */
export const choose = (
  candidates: readonly Candidate[],
  request: ChoiceRequest,
  strategyName: StrategyName,
  now: EpochMs,
): Choice => {
  const strategy = strategies[strategyName];
  const judged: Judged[] = [];
  let free: Candidate[] = [];
  for (const candidate of candidates) {
    const each = judge(candidate, request, now);
    judged.push(each);
    if (!each.block && !each.tried && !each.doubted) free.push(candidate);
  }
  if (free.length === 0 && !(request.probed ?? false)) free = doubtedOf(judged);
  if (free.length === 0 && request.mayProbe) free = probeOf(judged);
  const tier = lowestPriority(free);
  const home = strategy.affinity ? homeOf(free, tier, request.home) : null;
  const chosen = home ?? firstOf(free, tier, (a, b) => strategy.compare(a, b, request.model, now));
  const considered: Considered[] = [];
  for (const each of judged) {
    const account = each.candidate.record.name;
    considered.push({ account, verdict: each.candidate === chosen ? 'chosen' : verdictWords(each, tier) });
  }
  const affinity = affinityOf(request, strategy.affinity, home !== null);
  const decision: Decision = { strategy: strategyName, affinity, considered };
  if (chosen) return { kind: 'use', candidate: chosen, decision };
  return { kind: 'none', ...reasonOf(judged.map(({ block }) => block)), decision };
};

// Plain loops: this runs for every request, and chains of map, filter and sort were half of its cost.

const judge = (candidate: Candidate, request: ChoiceRequest, now: EpochMs): Judged => {
  const { record, runtime } = candidate;
  return {
    candidate,
    block: blockOf(record, runtime, request.model, now),
    tried: request.tried.has(record.id),
    doubted:
      ((request.probed ?? false) || (request.probing ?? false)) && isRecovering(runtime, request.model, now),
  };
};

const lowestPriority = (free: readonly Candidate[]): number => {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { record } of free) lowest = Math.min(lowest, record.priority);
  return lowest;
};

const homeOf = (free: readonly Candidate[], tier: number, home: AccountId | null): Candidate | null => {
  if (home === null) return null;
  return free.find(({ record }) => record.id === home && record.priority === tier) ?? null;
};

/** The first by that order among those of the tier; of equals the one that comes first. */
const firstOf = (
  free: readonly Candidate[],
  tier: number,
  compare: (a: Candidate, b: Candidate) => number,
): Candidate | null => {
  let first: Candidate | null = null;
  for (const candidate of free) {
    if (candidate.record.priority !== tier) continue;
    if (first === null || compare(candidate, first) < 0) first = candidate;
  }
  return first;
};

type Judged = {
  candidate: Candidate;
  block: Block | null;
  tried: boolean;
  /** It has just failed, and this request, or another one at this moment, has asked such an account already. */
  doubted: boolean;
};

/** When nobody else is free, an account is not left alone for the question of another request. */
const doubtedOf = (judged: readonly Judged[]): Candidate[] =>
  judged.filter(({ block, tried, doubted }) => doubted && !block && !tried).map(({ candidate }) => candidate);

/** The account whose back-off ends first; a pool in trouble is asked by one request, not by all. */
const probeOf = (judged: readonly Judged[]): Candidate[] =>
  judged
    .filter(({ block, tried }) => block?.state === 'benched' && !tried)
    .toSorted((a, b) => (a.block?.until ?? 0) - (b.block?.until ?? 0))
    .slice(0, 1)
    .map(({ candidate }) => candidate);

const affinityOf = (request: ChoiceRequest, sticky: boolean, atHome: boolean): Decision['affinity'] => {
  if (!request.session || !sticky) return null;
  if (atHome) return 'warm';
  return request.home === null ? 'new' : 'moved';
};

const verdictWords = ({ candidate, block, tried, doubted }: Judged, tier: number): string => {
  if (block) {
    const until = block.until === null ? '' : ` until ${new Date(block.until).toISOString()}`;
    return `${block.state === 'error' ? 'failed' : block.state}${until}: ${block.reason}`;
  }
  if (tried) return 'failed: refused this request already';
  if (doubted) return 'benched: was failing a moment ago';
  if (candidate.record.priority > tier) return `eligible: priority ${candidate.record.priority} comes later`;
  return 'eligible';
};

const waiting = new Set(['limited', 'pacing']);

/** A pool whose every usable account is limited says so; one where some are only in back-off is overloaded. */
const reasonOf = (
  blocks: readonly (Block | null)[],
): Pick<Extract<Choice, { kind: 'none' }>, 'why' | 'availableAt'> => {
  const timed = blocks.flatMap((block) =>
    block?.until && block.state !== 'error' ? [{ state: block.state, until: block.until }] : [],
  );
  if (timed.length === 0) return { why: 'no_account', availableAt: null };
  const availableAt = asEpoch(Math.min(...timed.map(({ until }) => until)));
  const limited = timed.every(({ state }) => waiting.has(state));
  return { why: limited ? 'all_limited' : 'all_overloaded', availableAt };
};
