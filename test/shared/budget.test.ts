import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetPeriods, parseBudget, periodOf } from '../../source/shared/budget.ts';
import { asEpoch } from '../../source/shared/types.ts';

describe('a budget as a setting says it', () => {
  test.each([
    ['all 20usd/day', { kind: 'all' }, { unit: 'usd', most: 20 }, 'day', true],
    ['all 1.5list-usd/week hard', { kind: 'all' }, { unit: 'list-usd', most: 1.5 }, 'week', true],
    [
      'key:ci 500000tokens/month',
      { kind: 'key', name: 'ci' },
      { unit: 'tokens', most: 500_000 },
      'month',
      true,
    ],
    [
      'account:work 30%7d/week soft',
      { kind: 'account', name: 'work' },
      { unit: 'share', window: '7d', most: 0.3 },
      'week',
      false,
    ],
  ])('%s', (text, scope, limit, period, hard) =>
    expect(parseBudget(text)).toEqual({ text, scope, limit, period, hard }),
  );

  test.each([
    '',
    'all',
    'all 20/day',
    'all 0usd/day',
    'all -1usd/day',
    'all 20usd/hour',
    'all:x 20usd/day',
    'account: 20usd/day',
    'account:a b 20usd/day',
    'all 20usd/day gentle',
    'all 1e9usd/day',
    'all 20usd/day\u001b[31m',
    'all 30%/day',
  ])('%j is none', (text) => expect(parseBudget(text)).toBeNull());
});

test('every moment lies in one period of each kind, which begins at a midnight of UTC and ends where the next begins', () => {
  const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(moment, fc.constantFrom(...budgetPeriods), (date, period) => {
      const at = asEpoch(date.getTime());
      const { from, to } = periodOf(period, at);
      expect(from <= at && at < to && from % 86_400_000 === 0).toBe(true);
      expect(periodOf(period, asEpoch(to - 1))).toEqual({ from, to });
      expect(periodOf(period, to).from).toBe(to);
    }),
  );
  const sunday = asEpoch(Date.parse('2026-11-22T18:00:00Z'));
  const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);
  expect([iso(periodOf('week', sunday).from), iso(periodOf('week', sunday).to)]).toEqual([
    '2026-11-16',
    '2026-11-23',
  ]);
  expect([iso(periodOf('month', sunday).from), iso(periodOf('month', sunday).to)]).toEqual([
    '2026-11-01',
    '2026-12-01',
  ]);
});
