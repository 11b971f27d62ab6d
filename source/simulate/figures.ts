import type { StrategyName } from '../shared/types.ts';
import type { World } from './accounts.ts';
import { nominalBills, PromptCache } from './prompt-cache.ts';
import type { Expired } from './provider.ts';
import type { Outcome } from './outcome.ts';
import type { Replay } from './replay.ts';
import type { Trace } from './trace.ts';

/** What a replay came to. Money is USD; a share is 0 up to 1. */
export type Figures = {
  trace: string;
  strategy: StrategyName;
  requests: number;
  served: number;
  /** Interrupted prompts, as their user sees them. */
  refused: number;
  /** What would have come after a refusal. */
  cancelled: number;
  /** Held and failing over, together. */
  waitedMs: number;
  /** Requests of a chain that another account served than the one before; `warmMoves` left a living cache. */
  moves: number;
  warmMoves: number;
  attempts429: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  costUsd: number;
  /** Of it, on accounts that cost money by the token. */
  apiCostUsd: number;
  /** What the served requests would have cost on one account that is never left, and all of them. */
  servedUsd: number;
  offeredUsd: number;
  servedShare: number;
  /** How much more the input of the served ones cost than that. */
  cacheInflation: number;
  /** Quota that resets took away unused; `expiredWhileRefused`: while work was refused. */
  expiredUnused: number;
  expiredWhileRefused: number;
  boundUsd: number | null;
  boundShare: number | null;
};

type Lost = { at: number; usd: number };

/** Adds up a replay. */
export const figuresOf = (trace: Trace, world: World, strategy: StrategyName, done: Replay): Figures => {
  const nominal = nominalBills(trace);
  const sums = {
    served: 0,
    refused: 0,
    cancelled: 0,
    waitedMs: 0,
    attempts429: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    apiCostUsd: 0,
    servedUsd: 0,
  };
  let inputUsd = 0;
  let nominalInputUsd = 0;
  let planUsd = 0;
  const paid = new Set(world.accounts.flatMap(({ kind, name }) => (kind === 'api' ? [name] : [])));
  for (const outcome of done.outcomes) {
    sums[outcome.outcome] += 1;
    const request = trace.requests[outcome.id];
    const bill = done.bills.get(outcome.id);
    const fair = nominal[outcome.id];
    if (request === undefined || fair === undefined || outcome.outcome === 'cancelled') continue;
    sums.waitedMs += outcome.at - arrivalOf(outcome, trace, done.outcomes);
    sums.attempts429 += outcome.attempts.length;
    if (bill === undefined || outcome.outcome !== 'served') continue;
    sums.cacheReadTokens += bill.read;
    sums.cacheWriteTokens += bill.write;
    sums.outputTokens += request.output;
    sums.costUsd += bill.total;
    sums.servedUsd += fair.total;
    inputUsd += bill.input;
    nominalInputUsd += fair.input;
    if (paid.has(outcome.account)) sums.apiCostUsd += bill.total;
    else planUsd += fair.total;
  }
  const offeredUsd = nominal.reduce((sum, { total }) => sum + total, 0);
  const { boundUsd } = world;
  return {
    trace: trace.name,
    strategy,
    requests: trace.requests.length,
    ...sums,
    ...movesOf(trace, done.outcomes),
    offeredUsd,
    servedShare: offeredUsd === 0 ? 1 : sums.servedUsd / offeredUsd,
    cacheInflation: nominalInputUsd === 0 ? 0 : inputUsd / nominalInputUsd - 1,
    ...expiredOf(
      trace,
      done,
      nominal.map(({ total }) => total),
    ),
    boundUsd,
    boundShare: boundUsd === null ? null : (paid.size > 0 ? planUsd : sums.servedUsd) / boundUsd,
  };
};

/** When a request arrived, given what became of the one before it. */
const arrivalOf = ({ id }: Outcome, { requests }: Trace, outcomes: readonly Outcome[]): number => {
  const request = requests[id];
  if (request === undefined) return 0;
  const before = request.after === -1 ? undefined : outcomes[request.after];
  const earlier = requests[request.after];
  if (before?.outcome !== 'served' || earlier === undefined) return request.at;
  return Math.max(request.at, before.at + earlier.durMs + request.gapMs);
};

const movesOf = (trace: Trace, outcomes: readonly Outcome[]): Pick<Figures, 'moves' | 'warmMoves'> => {
  const served = outcomes.filter((outcome) => outcome.outcome === 'served');
  const caches = new Map<string, PromptCache>();
  const last = new Map<string, string>();
  let moves = 0;
  let warmMoves = 0;
  for (const { id, at, account } of served.toSorted((a, b) => a.at - b.at || a.id - b.id)) {
    const request = trace.requests[id];
    if (request === undefined) continue;
    const before = last.get(request.chain);
    if (before !== undefined && before !== account) {
      moves += 1;
      if (caches.get(before)?.isWarm(request.chain, at) ?? false) warmMoves += 1;
    }
    last.set(request.chain, account);
    const cache = caches.get(account) ?? new PromptCache(trace);
    cache.store(request, at);
    caches.set(account, cache);
  }
  return { moves, warmMoves };
};

const expiredOf = (
  trace: Trace,
  { outcomes, providers }: Replay,
  nominal: readonly number[],
): Pick<Figures, 'expiredUnused' | 'expiredWhileRefused'> => {
  const lost = lostOf(trace, outcomes, nominal);
  const expired: Expired[] = providers.flatMap((provider) => provider.expired);
  const lostWithin = ({ at, lengthMs }: Expired): number =>
    lost.reduce((sum, each) => sum + (each.at < at && each.at >= at - lengthMs ? each.usd : 0), 0);
  return {
    expiredUnused: expired.reduce((sum, { leftUsd }) => sum + leftUsd, 0),
    expiredWhileRefused: expired.reduce((sum, each) => sum + Math.min(each.leftUsd, lostWithin(each)), 0),
  };
};

/** The work that was not served, and when. */
const lostOf = ({ requests }: Trace, outcomes: readonly Outcome[], nominal: readonly number[]): Lost[] => {
  const ended = new Map<number, number>();
  for (const outcome of outcomes) {
    const task = requests[outcome.id]?.task;
    if (outcome.outcome !== 'refused' || task === undefined) continue;
    ended.set(task, Math.min(ended.get(task) ?? Number.POSITIVE_INFINITY, outcome.at));
  }
  return outcomes.flatMap((outcome) => {
    const request = requests[outcome.id];
    if (outcome.outcome === 'served' || request === undefined) return [];
    const usd = nominal[outcome.id] ?? 0;
    if (outcome.outcome === 'refused') return [{ at: outcome.at, usd }];
    return [{ at: Math.max(request.at, ended.get(request.task) ?? 0), usd }];
  });
};
