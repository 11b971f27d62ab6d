import type { BudgetView } from '../shared/budget.ts';
import { compactCount } from '../shared/duration.ts';
import { isoTime } from '../shared/iso-time.ts';
import { localTime } from '../shared/local-time.ts';
import type { EpochMs } from '../shared/types.ts';

/** A budget as `status --json` has it: `spent` and `limit` in its unit, shares as 0..1; null = not known yet. */
export const budgetJson = ({ text, scope, limit, period, hard, spent, resetsAt }: BudgetView) => ({
  budget: text,
  scope: scope.kind,
  name: scope.kind === 'all' ? null : scope.name,
  unit: limit.unit,
  window: limit.unit === 'share' ? limit.window : null,
  limit: limit.most,
  spent,
  period,
  hard,
  resetsAt: isoTime(resetsAt),
});

const amountOf = (amount: number, { unit }: BudgetView['limit']): string => {
  if (unit === 'tokens') return compactCount(amount);
  return unit === 'share' ? `${(amount * 100).toFixed(1)}%` : amount.toFixed(2);
};

/** One line about a budget, as `status` prints it. */
export const budgetLine = (view: BudgetView, now: EpochMs): string => {
  const { text, limit, spent, hard, resetsAt } = view;
  const amount = spent === null ? '—' : `${limit.unit === 'share' ? '~' : ''}${amountOf(spent, limit)}`;
  const over = spent !== null && spent >= limit.most ? (hard ? ', SPENT: refused' : ', SPENT') : '';
  return `budget ${text}: ${amount} of ${amountOf(limit.most, limit)}${over} until ${localTime(resetsAt, now)}`;
};
