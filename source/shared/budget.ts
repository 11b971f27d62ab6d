import type { EpochMs } from './types.ts';

// What may be spent in a day, a week or a month, as a setting says it: `all 20usd/day`, `account:work 30%7d/week soft`.

export const budgetPeriods = ['day', 'week', 'month'] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

/** Whose requests it counts. Accounts and keys by name; `key:default` = requests without a key. */
export type BudgetScope = { kind: 'all' } | { kind: 'account' | 'key'; name: string };

/** `usd`: money of accounts that are paid by the token; `list-usd`: what requests of plans would have cost. */
export const budgetUnits = ['usd', 'list-usd', 'tokens'] as const;
export type BudgetLimit =
  | { unit: (typeof budgetUnits)[number]; most: number }
  /** Share of a limit window, 0..1: by how much its use may grow. */
  | { unit: 'share'; window: string; most: number };

export type Budget = {
  /** As the setting has it; names the budget everywhere. */
  text: string;
  scope: BudgetScope;
  limit: BudgetLimit;
  period: BudgetPeriod;
  /** Whether requests are refused once it is spent; else it is only told. */
  hard: boolean;
};

/** A hard budget that is spent, as the data plane has to know it. */
export type SpentBudget = Pick<Budget, 'text' | 'scope'> & { until: EpochMs };

/** A budget that is nearly spent (`share` 0.8), or wholly (1); `hard` = what it is about is refused then. */
export type ReachedBudget = { budget: string; share: number; hard: boolean; resetsAt: EpochMs };

/** A budget as it stands: null of what was spent = nothing is known yet. */
export type BudgetView = Budget & {
  /**
   * In its unit: USD, tokens, or a share; null while what was before this start is being counted, and as long as no account
   * has told of the window.
   */
  spent: number | null;
  /** When it begins anew. */
  resetsAt: EpochMs;
};

const form =
  /^(all|(account|key):([A-Za-z0-9][A-Za-z0-9._@+-]{0,63})) (\d{1,12}(?:\.\d{1,6})?)(usd|list-usd|tokens|%([A-Za-z0-9_-]{1,60}))\/(day|week|month)(?: (soft|hard))?$/;

const limitOf = (amount: number, unit: string, window: string | undefined): BudgetLimit => {
  if (window !== undefined) return { unit: 'share', window, most: amount / 100 };
  return { unit: budgetUnits.find((known) => known === unit) ?? 'tokens', most: amount };
};

/** The budget that a text means; null when it means none. */
export const parseBudget = (text: string): Budget | null => {
  const [, scope = '', kind, name = '', amount, unit = '', window, period, how] = form.exec(text) ?? [];
  const found = budgetPeriods.find((known) => known === period);
  if (scope === '' || found === undefined || !(Number(amount) > 0)) return null;
  return {
    text,
    scope: kind === 'account' || kind === 'key' ? { kind, name } : { kind: 'all' },
    limit: limitOf(Number(amount), unit, window),
    period: found,
    hard: how !== 'soft',
  };
};

const dayMs = 86_400_000;

/** The period that a moment lies in, in UTC: from midnight, from Monday, or from the first of the month. */
export const periodOf = (period: BudgetPeriod, at: EpochMs): { from: EpochMs; to: EpochMs } => {
  const midnight = Math.floor(at / dayMs) * dayMs;
  const date = new Date(midnight);
  if (period === 'month') {
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    return { from: Date.UTC(year, month) as EpochMs, to: Date.UTC(year, month + 1) as EpochMs };
  }
  // Sunday is the last day of its week.
  const from = period === 'day' ? midnight : midnight - ((date.getUTCDay() + 6) % 7) * dayMs;
  return { from: from as EpochMs, to: (from + (period === 'day' ? 1 : 7) * dayMs) as EpochMs };
};
