import { limitHeaders } from './refuse.ts';
import type { KeyRefusal } from './key-limits.ts';
import type { SpentBudget } from '../shared/budget.ts';
import type { Clock } from '../shared/clock.ts';
import type { AccountRecord } from '../shared/types.ts';

/** The budgets that are spent, as the data plane knows them: who counts tells it. */
export type Budgets = {
  /** Takes over which ones are. */
  set(spent: readonly SpentBudget[]): void;
  /** Settles when it is known; null = it is. */
  awaited(): Promise<void> | null;
  /** Why requests of that key (`default` for none) are refused, whoever would serve them; null when they are not. */
  refusalOf(client: string): KeyRefusal | null;
  /** The record with the budget of it that is spent, the longest one; the same one when none is. */
  mark(record: AccountRecord): AccountRecord;
};

const longest = (spent: readonly SpentBudget[]): SpentBudget | undefined =>
  spent.toSorted((a, b) => b.until - a.until)[0];

/** `known`: null = it is being counted, and requests have to wait for it. */
export const createBudgets = (known: readonly SpentBudget[] | null, { now }: Pick<Clock, 'now'>): Budgets => {
  let spent = known;
  const told = Promise.withResolvers<void>();
  return {
    set(next) {
      spent = next;
      told.resolve();
    },
    awaited: () => (spent === null ? told.promise : null),
    refusalOf(client) {
      if (spent === null || spent.length === 0) return null;
      const over = longest(
        spent.filter(
          ({ scope, until }) =>
            until > now() && (scope.kind === 'all' || (scope.kind === 'key' && scope.name === client)),
        ),
      );
      if (over === undefined) return null;
      const until = new Date(over.until).toISOString();
      return {
        code: 'budget_spent',
        message: `The budget ${over.text} is spent until ${until}.`,
        headers: limitHeaders(over.until, now()),
      };
    },
    mark(record) {
      const over = longest(
        (spent ?? []).filter(({ scope }) => scope.kind === 'account' && scope.name === record.name),
      );
      return over === undefined ? record : { ...record, spentBudget: { text: over.text, until: over.until } };
    },
  };
};
