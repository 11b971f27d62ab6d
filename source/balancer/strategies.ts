import { usedShare, type AccountRuntime } from './account-state.ts';
import { lot } from './lot.ts';
import { weeklyShare, weeklyReset } from './weekly-share.ts';
import type { AccountId, AccountRecord, EpochMs, StrategyName } from '../shared/types.ts';

export type Candidate = { record: AccountRecord; runtime: AccountRuntime };

/** What an order of accounts may depend on, beside themselves. */
export type Moment = {
  model: string | null;
  now: EpochMs;
  /** 0 up to 1, drawn for this request. */
  lottery: number;
  /** Whether the account's prompt cache holds the tools and the system prompt that this request begins with. */
  knowsPrefix(account: AccountId): boolean;
};

export type Strategy = {
  /** `warm`: a conversation stays where its prompt cache is, as long as that holds. */
  affinity: 'warm' | null;
  /** New work does not go where too little room is left for it, as far as that is known. */
  headroom?: true;
  /** The account with the larger one is chosen. Asked once for each account. */
  score(candidate: Candidate, moment: Moment): number;
  /** What the score is, in words; null where there is nothing to tell. Asked for what is told, not for the choice. */
  words(candidate: Candidate, moment: Moment): string | null;
  /** Of two with the same score: below zero when `a` should be chosen before `b`. */
  tie(a: Candidate, b: Candidate, moment: Moment): number;
};

/** How much better a cache that holds the beginning makes an account. Measured best in the simulator, and flat around it. */
const prefixBonus = 1.3;

/** Minus the share used of the tightest window. */
const restOf: Strategy['score'] = ({ runtime }, { model, now }) => -usedShare(runtime, model, now);

/** The share of its week that is left per hour; plenty for one that has told of none. */
const shareOf: Strategy['score'] = ({ runtime }, { model, now }) => weeklyShare(runtime, model, now);

/** The same, and a little more where the cache knows the beginning. */
const shareAndCache: Strategy['score'] = (candidate, moment) => {
  const share = shareOf(candidate, moment);
  // To find out what a cache knows costs something; nothing makes plenty more.
  return Number.isFinite(share) && moment.knowsPrefix(candidate.record.id) ? share * prefixBonus : share;
};

const restedLongest: Strategy['tie'] = (a, b) => (a.runtime.lastUsedAt ?? 0) - (b.runtime.lastUsedAt ?? 0);

/** The idler, then the one that rested longer. */
const idlest: Strategy['tie'] = (a, b, moment) =>
  a.runtime.inFlight - b.runtime.inFlight || restedLongest(a, b, moment);

/** The tightest window least used first; then the idlest. */
const leastUsed: Strategy['tie'] = (a, b, moment) =>
  restOf(b, moment) - restOf(a, moment) || idlest(a, b, moment);

const asTheyStand: Strategy['tie'] = () => 0;

/** As long as the longest window that opens with its first use: a session of five hours. */
const sessionMs = 5 * 3_600_000;

const inSession: Strategy['score'] = ({ runtime: { lastUsedAt } }, { now }) =>
  lastUsedAt !== null && now - lastUsedAt < sessionMs ? lastUsedAt : 0;

const silent = (): null => null;

const perCent = (share: number, digits: number): string => `${(share * 100).toFixed(digits)} %`;

const usedWords: Strategy['words'] = ({ runtime }, { model, now }) =>
  runtime.windows.length === 0
    ? null
    : `${perCent(usedShare(runtime, model, now), 0)} of its tightest window used`;

/** Without a week the order is that of use. */
const shareWords: Strategy['words'] = (candidate, moment) => {
  const share = shareOf(candidate, moment);
  if (!Number.isFinite(share)) return usedWords(candidate, moment);
  // As a rule it is one or two per cent, and the accounts differ in what is behind the point.
  return `${perCent(share, share < 0.1 ? 2 : 0)} of its week left per hour until the reset`;
};

const shareAndCacheWords: Strategy['words'] = (candidate, moment) => {
  const words = shareWords(candidate, moment);
  const isKnown = Number.isFinite(shareOf(candidate, moment)) && moment.knowsPrefix(candidate.record.id);
  return isKnown ? `${words}, and its cache knows how this begins` : words;
};

const weekWords: Strategy['words'] = (candidate, moment) => {
  const reset = weeklyReset(candidate.runtime, moment.model, moment.now);
  return reset === 0 ? usedWords(candidate, moment) : `its week ends ${new Date(reset).toISOString()}`;
};

const sessionWords: Strategy['words'] = (candidate, moment) =>
  inSession(candidate, moment) === 0 ? shareWords(candidate, moment) : 'the account of the last five hours';

/** Every rule of choosing, by the name that `strategy` in the settings takes. */
export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  // Where most of the week is left per hour until its reset.
  sticky: {
    affinity: 'warm',
    headroom: true,
    score: shareAndCache,
    words: shareAndCacheWords,
    tie: leastUsed,
  },
  'sticky-simple': { affinity: 'warm', score: shareOf, words: shareWords, tie: leastUsed },
  // The week that ends first; before them those that have told of none.
  drain: {
    affinity: 'warm',
    score: ({ runtime }, { model, now }) => -weeklyReset(runtime, model, now),
    words: weekWords,
    tie: leastUsed,
  },
  spread: { affinity: null, score: restOf, words: usedWords, tie: idlest },
  'round-robin': { affinity: null, score: () => 0, words: silent, tie: restedLongest },
  weighted: {
    affinity: 'warm',
    score: ({ record }, { lottery }) => lot(record, lottery),
    words: ({ record: { weight } }) => `weight ${weight}`,
    tie: asTheyStand,
  },
  priority: { affinity: 'warm', score: () => 0, words: silent, tie: asTheyStand },
  // One account for everything for five hours.
  session: {
    affinity: null,
    score: inSession,
    words: sessionWords,
    tie: (a, b, moment) => larger(shareOf(a, moment), shareOf(b, moment)) || leastUsed(a, b, moment),
  },
};

/** The larger figure first; of two that are equal, infinite ones too, neither. */
const larger = (a: number, b: number): number => (a === b ? 0 : b - a);

/** Below zero when the strategy chooses `a` before `b`. */
export const compare = (strategy: Strategy, a: Candidate, b: Candidate, moment: Moment): number =>
  larger(strategy.score(a, moment), strategy.score(b, moment)) || strategy.tie(a, b, moment);

/** Whom the strategy chooses; null of nobody. Of equals the first. */
export const firstOf = (
  strategy: Strategy,
  candidates: readonly Candidate[],
  moment: Moment,
): Candidate | null => {
  let first: Candidate | null = null;
  let best = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const score = strategy.score(candidate, moment);
    if (first !== null && (score < best || (score === best && strategy.tie(candidate, first, moment) >= 0))) {
      continue;
    }
    [first, best] = [candidate, score];
  }
  return first;
};
