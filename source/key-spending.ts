import { dayOf, hasBudget, type Spending } from './proxy/key-limits.ts';
import type { ClientKeyRecord } from './shared/client-key.ts';
import type { EpochMs } from './shared/types.ts';
import type { Spent } from './store/budgets.ts';

export type KeySpending = {
  /** Counts what ended on the day of that time, if the key has a daily budget; whether it has. What is of an older day counts no more. */
  add(key: ClientKeyRecord, spent: Spent, ended: EpochMs): boolean;
  /** What keys with a daily budget have spent on their newest day, by id. */
  all(): ReadonlyMap<string, Spending>;
};

/** Sums up what is spent on each day (UTC). */
export const keySpending = (): KeySpending => {
  const sums = new Map<string, Spending>();
  return {
    add({ id, limits }, { tokens, usd }, ended) {
      if (!hasBudget(limits)) return false;
      const day = dayOf(ended);
      const before = sums.get(id);
      if (before !== undefined && before.day > day) return true;
      const sum = before?.day === day ? before : { day, tokens: 0, usd: 0 };
      sums.set(id, { day, tokens: sum.tokens + tokens, usd: sum.usd + usd });
      return true;
    },
    all: () => new Map(sums),
  };
};
