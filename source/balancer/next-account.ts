import { choose } from './choose.ts';
import type { Candidate } from './strategies.ts';
import type { AccountId, EpochMs, StrategyName } from '../shared/types.ts';

/** Of Claude Code; no model, no home, refused by nobody; it does not try an account in back-off. */
const newConversation = {
  model: null,
  session: true,
  home: null,
  tried: new Set<AccountId>(),
  fromClaudeCode: true,
  mayProbe: false,
} as const;

/** The account that a new conversation would get now; null when nobody can serve one. Pure. */
export const nextAccount = (
  candidates: readonly Candidate[],
  strategy: StrategyName,
  now: EpochMs,
): AccountId | null => {
  const choice = choose(candidates, newConversation, strategy, now);
  return choice.kind === 'use' ? choice.candidate.record.id : null;
};
