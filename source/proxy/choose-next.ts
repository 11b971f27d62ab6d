import { choose, type Choice } from '../balancer/choose.ts';
import { freeVerdicts, type VerdictKind } from '../balancer/retry-policy.ts';
import type { Candidate } from '../balancer/strategies.ts';
import type { AccountId } from '../shared/types.ts';
import { isFromClaudeCode } from './describe.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardContext, ForwardRules } from './forward.ts';
import { placementOf } from './placement.ts';
import { messagesPath } from './route-table.ts';
import type { Chooser, WaitEnds } from './wait-turn.ts';

/** How far one request has come with its accounts. */
export type Asked = {
  verdicts: VerdictKind[];
  tried: Set<AccountId>;
  /** An account that was failing, or is limited, has been asked: one such try is enough for one request. */
  probed: boolean;
  /** The account that made what is asked for: no other one has it. */
  owner: AccountId | null;
  /** null as long as it has not waited. */
  waited: WaitEnds | null;
};

export const newlyAsked = (exchange: Exchange, rules: ForwardRules, context: ForwardContext): Asked => ({
  verdicts: [],
  tried: new Set(),
  probed: false,
  owner: ownerOf(exchange, rules, context),
  waited: null,
});

const candidatesOf = (
  { accounts }: Exchange,
  { owner }: Asked,
  { pool }: ForwardContext,
): readonly Candidate[] => {
  const all = pool.candidates();
  const permitted = accounts === null ? all : all.filter(({ record }) => accounts.has(record.name));
  return owner === null ? permitted : ownersOf(permitted, owner);
};

/** How the request chooses while it waits. */
export const chooserOf =
  (exchange: Exchange, asked: Asked, context: ForwardContext): (() => Chooser) =>
  () => ({
    ends: (asked.waited ??= { pace: null, full: null, limited: null, ramp: null }),
    choose: () => chooseNext(exchange, asked, context),
    startOver() {
      // What refused it then is asked anew; what may have run stays counted.
      asked.tried.clear();
      const last = asked.verdicts.length - 1;
      asked.verdicts = asked.verdicts.filter((kind, index) => index === last || !freeVerdicts.has(kind));
    },
  });

/** The account that the request should ask next. */
export const chooseNext = (exchange: Exchange, asked: Asked, context: ForwardContext): Choice => {
  const { tried, probed } = asked;
  const { pool, clock, config, headroom } = context;
  const model = exchange.description?.model ?? null;
  const now = clock.now();
  const candidates = candidatesOf(exchange, asked, context);
  const { session, home, movedAt, isCold, knowsPrefix, promptTokens, need } = placementOf(exchange, context);
  // Field by field: a spread made this the dearest line of a small request (measured: 1.4 µs).
  const request = {
    model,
    session,
    home,
    movedAt,
    isCold,
    knowsPrefix,
    promptTokens,
    need,
    roomOf: (candidate: Candidate) => headroom.roomOf(candidate, model, now),
    lottery: context.random(),
    tried,
    fromClaudeCode: isFromClaudeCode(exchange.request.headers['user-agent'], config().loginForAgentSdk),
    probed,
    probing: pool.probes > 0,
    mayProbe: pool.probes === 0 && !probed,
    // Limits of a plan are of messages alone: other answers prove nothing of them.
    mayRelent: exchange.path === messagesPath,
  };
  return choose(candidates, request, config().strategy, now);
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
