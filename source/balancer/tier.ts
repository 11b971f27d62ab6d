import { plansFirst } from './overage.ts';
import type { Candidate } from './strategies.ts';
import type { AccountRecord, EpochMs } from '../shared/types.ts';

// Who is asked before others, whatever the strategy says: those of the lowest priority number, and before them the account
// that its owner prefers.

/** Infinity of nobody. */
export const lowestPriority = (free: readonly Candidate[]): number => {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { record } of free) lowest = Math.min(lowest, record.priority);
  return lowest;
};

/** Those of these accounts that new work may go to. */
export const inLine = (free: readonly Candidate[], tier: number): readonly Candidate[] => {
  const isPreferred = free.some(({ record }) => record.preferred === true);
  return isPreferred ? free.filter(({ record }) => record.preferred === true) : ofTier(free, tier);
};

const ofTier = (free: readonly Candidate[], tier: number): readonly Candidate[] => {
  const isWhole = free.every(({ record }) => record.priority === tier);
  return isWhole ? free : free.filter(({ record }) => record.priority === tier);
};

/** Whether a conversation stays with its account: it leaves for a lower number, for money comes last, and not for a preference. */
export const mayStay = (
  { priority, preferred }: Pick<AccountRecord, 'priority' | 'preferred'>,
  tier: number,
): boolean => priority === tier || preferred === true;

/** Whether a conversation would stay with its account, could that take it now, too: the others are those who can. */
export const wouldStay = (
  home: Candidate,
  others: readonly Candidate[],
  model: string | null,
  now: EpochMs,
): boolean => {
  const open = plansFirst([...others, home], model, now);
  return open.includes(home) && mayStay(home.record, lowestPriority(open));
};
