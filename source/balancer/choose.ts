import { blockOf } from './account-state.ts';
import { moveTo, type Move } from './ramp.ts';
import { outlookOf, reasonOf, type NobodyWhy } from './outlook.ts';
import { fullBlock } from './places.ts';
import { isRecovering } from './rests.ts';
import { WordedDecision } from './worded-decision.ts';
import type { Judged } from './choice-words.ts';
import { plansFirst } from './overage.ts';
import { lastResortOf } from './relent.ts';
import { fullOnes, roomyOf } from './headroom.ts';
import { inLine, lowestPriority, mayStay, wouldStay } from './tier.ts';
import { firstOf, strategies, type Candidate, type Moment, type Strategy } from './strategies.ts';
import { fitsModel } from '../shared/model-test.ts';
import type { Decision } from '../shared/decision.ts';
import {
  isLoginKind,
  type AccountId,
  type AccountRecord,
  type EpochMs,
  type StrategyName,
} from '../shared/types.ts';

export type ChoiceRequest = {
  model: string | null;
  /** Whether the request belongs to a conversation. */
  session: boolean;
  /** The account that served this conversation last, while its prompt cache still holds. */
  home: AccountId | null;
  /** When a limit moved the conversation to that account. */
  movedAt?: EpochMs | null;
  /** The conversation was served before, so long ago that no cache holds it: it is placed as a new one. */
  isCold?: boolean;
  /** Whether the cache of that account holds the tools and the system prompt of this request. */
  knowsPrefix?(account: AccountId): boolean;
  /** How much it would cost to leave the cache that holds it, as far as the length of the body tells; 0 = unknown. */
  promptTokens?: number;
  /** How much work an account has room for; Infinity when nobody knows. See `Headroom`. */
  roomOf?(candidate: Candidate): number;
  /** How much room new work of this length wants. */
  need?(): number;
  /** 0 up to 1, drawn for this request; only strategies with a lottery look at it. */
  lottery?: number;
  /** Accounts this request has been refused by already. */
  tried: ReadonlySet<AccountId>;
  /** It comes from Claude Code itself: only such a request is for a Claude login. */
  fromClaudeCode?: boolean;
  /** This request has asked an account that was failing: it asks no second one. */
  probed?: boolean;
  /** Another request is asking an account that was failing: this one leaves such accounts alone while others are free. */
  probing?: boolean;
  /** Whether an account in back-off may be asked when nobody else can serve: one such probe at a time. */
  mayProbe: boolean;
  /** Whether a limited account may be asked when every account is limited, and `mayProbe` too; see relent.ts. */
  mayRelent?: boolean;
};

export type Choice =
  | {
      kind: 'use';
      candidate: Candidate;
      decision: Decision;
      /** When the account has got its breath back that the conversation would move from; null when it is not for that. */
      pacedUntil: EpochMs | null;
      /** It is limited, as all are, and asked all the same. */
      isAnyway?: true;
      /** The conversation would leave an account for nothing but that it has no place free. */
      isHomeFull?: true;
      /** Of a conversation that a limit moves, or has just moved, to the account; null for all others. */
      move: Move | null;
    }
  | {
      kind: 'none';
      /** Why nobody can serve: none configured or usable, all limited, or all busy or in back-off. */
      why: NobodyWhy;
      /** When the first of them can again; null when that is unknown. */
      availableAt: EpochMs | null;
      /** The same for those that only asked to slow down, that of the conversation before all others. */
      pacedUntil: EpochMs | null;
      /** One of them would serve, and has only no place free. */
      isFull?: true;
      decision: Decision;
      /** It is budgets of the owner alone that keep them from it. */
      budget?: true;
    };

/**
 * Picks the account for one attempt: the conversation's own account, else one that is preferred, else of the lowest
 * priority number the first in the strategy's order; eligible ones only. Pure: same arguments, same answer.
 */
export const choose = (
  candidates: readonly Candidate[],
  request: ChoiceRequest,
  strategyName: StrategyName,
  now: EpochMs,
): Choice => {
  const strategy: Strategy = strategies[strategyName];
  const judged: Judged[] = [];
  let free: Candidate[] = [];
  for (const candidate of candidates) {
    const each = judge(candidate, request, now);
    judged.push(each);
    if (!each.block && each.misfit === null && !each.tried && !each.doubted) free.push(candidate);
  }
  if (free.length === 0 && !(request.probed ?? false)) free = doubtedOf(judged);
  if (free.length === 0 && request.mayProbe) free = lastResortOf(judged, request, now);
  const open = plansFirst(free, request.model, now);
  const tier = lowestPriority(open);
  const home = strategy.affinity === 'warm' ? homeOf(open, tier, request.home) : null;
  const moment = momentOf(request, now);
  const line = inLine(open, tier);
  const roomy = home === null ? roomyOf(line, strategy, request) : line;
  const chosen = home ?? firstOf(strategy, roomy, moment);
  const affinity = affinityOf(request, strategy, home !== null);
  const tokens = request.promptTokens ?? 0;
  const passed = { isPaidLater: open !== free, isFull: fullOnes(line, roomy) };
  const telling = { strategy, moment, tier, chosen, affinity, tokens, ...passed };
  const decision = new WordedDecision(strategyName, judged, telling);
  const move = chosen && moveTo(chosen, { judged, request, isOtherFree: free.length > 1 }, now);
  const left = leftOf(judged, free, { affinity, request }, now);
  return choiceOf(chosen, judged, left, { decision, move });
};

// Plain loops: this runs for every request, and chains of map, filter and sort were half of its cost.

const judge = (candidate: Candidate, request: ChoiceRequest, now: EpochMs): Judged => {
  const { record, runtime } = candidate;
  return {
    candidate,
    record,
    runtime,
    block: blockOf(record, runtime, request.model, now) ?? fullBlock(candidate),
    misfit: misfitOf(record, request),
    tried: request.tried.has(record.id),
    doubted:
      ((request.probed ?? false) || (request.probing ?? false)) &&
      isRecovering(runtime.rests, request.model, now),
  };
};

/** Why the account is not for such requests at all, whatever its state; null when it is. One without a model fits every account. */
const misfitOf = (
  { kind, models }: AccountRecord,
  { fromClaudeCode, model }: ChoiceRequest,
): string | null => {
  if (fromClaudeCode !== true && isLoginKind(kind)) return 'client: a Claude login serves Claude Code only';
  if (models === undefined || model === null || fitsModel(models, model)) return null;
  return `model: serves ${models.join(', ')} only`;
};

const homeOf = (free: readonly Candidate[], tier: number, home: AccountId | null): Candidate | null => {
  if (home === null) return null;
  return free.find(({ record }) => record.id === home && mayStay(record, tier)) ?? null;
};

/** The account that a conversation leaves only for what is the matter with it now; null where others draw it away, too. */
const leftOf = (
  judged: readonly Judged[],
  free: readonly Candidate[],
  { affinity, request: { home, model } }: { affinity: Decision['affinity']; request: ChoiceRequest },
  now: EpochMs,
): AccountId | null => {
  if (affinity !== 'moved') return null;
  const left = judged.find(({ record }) => record.id === home);
  return left !== undefined && wouldStay(left, free, model, now) ? home : null;
};

/** When nobody else is free, an account is not left alone for the question of another request. */
const doubtedOf = (judged: readonly Judged[]): Candidate[] =>
  judged
    .filter(({ block, misfit, tried, doubted }) => doubted && !block && misfit === null && !tried)
    .map(({ candidate }) => candidate);

const affinityOf = (
  request: ChoiceRequest,
  { affinity }: Strategy,
  atHome: boolean,
): Decision['affinity'] => {
  if (!request.session || affinity !== 'warm') return null;
  if (atHome) return 'warm';
  if (request.home !== null) return 'moved';
  return (request.isCold ?? false) ? 'cold' : 'new';
};

const knowsNone = (): boolean => false;

const momentOf = ({ model, lottery = 0, knowsPrefix }: ChoiceRequest, now: EpochMs): Moment => ({
  model,
  now,
  lottery,
  knowsPrefix: knowsPrefix === undefined ? knowsNone : asOfNow(knowsPrefix),
});

/** What was known at the choice: the words for it are made later, when the cache of the chosen account knows more. */
const asOfNow = (knows: (account: AccountId) => boolean): ((account: AccountId) => boolean) => {
  let known: Map<AccountId, boolean> | null = null;
  return (account) => {
    known ??= new Map();
    const before = known.get(account);
    if (before !== undefined) return before;
    const found = knows(account);
    known.set(account, found);
    return found;
  };
};

const choiceOf = (
  chosen: Candidate | null,
  judged: readonly Judged[],
  left: AccountId | null,
  { decision, move }: { decision: Decision; move: Move | null },
): Choice => {
  if (chosen) {
    const outlook = left === null ? null : outlookOf(judged, left);
    const isAnyway = judged.some(
      ({ candidate, block }) => candidate === chosen && block?.state === 'limited',
    );
    return {
      kind: 'use',
      candidate: chosen,
      decision,
      pacedUntil: outlook?.pacedUntil.home ?? null,
      move,
      ...(isAnyway && { isAnyway }),
      ...(outlook?.isHomeFull && { isHomeFull: true }),
    };
  }
  const blocks = judged.filter(({ misfit }) => misfit === null).map(({ block }) => block);
  const { pacedUntil, isFull } = outlookOf(judged, left);
  return {
    kind: 'none',
    ...reasonOf(blocks),
    decision,
    pacedUntil: pacedUntil.home ?? pacedUntil.first,
    ...(isFull && { isFull }),
  };
};
