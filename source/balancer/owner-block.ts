import type { AccountRecord, EpochMs } from '../shared/types.ts';
import type { Block } from './window-block.ts';

/** What the owner of an account keeps it from: it is paused, or a budget of it is spent. null when it is neither. */
export const ownerBlock = (
  { paused, spentBudget }: Pick<AccountRecord, 'paused' | 'spentBudget'>,
  now: EpochMs,
): Block | null => {
  if (paused) return { state: 'paused', reason: 'paused by you', until: null };
  if (spentBudget === undefined || spentBudget.until <= now) return null;
  return {
    state: 'capped',
    reason: `has spent your budget ${spentBudget.text}`,
    until: spentBudget.until,
    budget: true,
  };
};
