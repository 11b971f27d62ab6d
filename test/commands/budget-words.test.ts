import { expect, test } from 'vitest';
import { budgetJson, budgetLine } from '../../source/commands/budget-words.ts';
import { parseBudget, type BudgetView } from '../../source/shared/budget.ts';
import { asEpoch } from '../../source/shared/types.ts';

const now = asEpoch(Date.parse('2026-11-22T12:00:00Z'));
const resetsAt = asEpoch(Date.parse('2026-11-23T00:00:00Z'));
const view = (text: string, spent: number | null): BudgetView => ({
  ...(parseBudget(text) ?? expect.fail(text)),
  spent,
  resetsAt,
});

test('a budget in JSON: its unit is told, a share is 0 to 1, and what is not known is null', () => {
  expect(budgetJson(view('account:work 30%7d/day soft', 0.12))).toEqual({
    budget: 'account:work 30%7d/day soft',
    scope: 'account',
    name: 'work',
    unit: 'share',
    window: '7d',
    limit: 0.3,
    spent: 0.12,
    period: 'day',
    hard: false,
    resetsAt: '2026-11-23T00:00:00.000Z',
  });
  expect(budgetJson(view('all 5usd/day', null))).toMatchObject({ name: null, window: null, spent: null });
});

test('a line says how much of it is spent, and what that means', () => {
  expect(budgetLine(view('all 5usd/day', 1.234), now)).toContain('budget all 5usd/day: 1.23 of 5.00 until ');
  expect(budgetLine(view('all 5usd/day', 5), now)).toContain('SPENT: refused');
  expect(budgetLine(view('all 5usd/day soft', 5), now)).toMatch(/, SPENT until/);
  expect(budgetLine(view('all 5000tokens/day', null), now)).toContain('— of 5k');
  // What a key, or all of them, took of a window is reckoned, and not told by the provider.
  expect(budgetLine(view('key:ci 30%7d/day', 0.12), now)).toContain('~12.0% of 30.0%');
});
