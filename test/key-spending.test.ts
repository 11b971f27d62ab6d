import { expect, test } from 'vitest';
import { keySpending } from '../source/key-spending.ts';
import { spentBy } from '../source/store/budgets.ts';
import { unlimited, type ClientKeyRecord, type KeyLimits } from '../source/shared/client-key.ts';
import { asEpoch, noTokens, type TokenCounts } from '../source/shared/types.ts';
import { priceOf } from '../source/store/prices.ts';
import { keyRecord } from './kit/records.ts';

const noon = asEpoch(Date.UTC(2026, 10, 22, 12));
const day = Math.floor(noon / 86_400_000);

const key = (limits: Partial<KeyLimits>): ClientKeyRecord =>
  keyRecord('ci', { id: 'one', limits: { ...unlimited, ...limits } });

const request = (model: string, tokens: Partial<TokenCounts>) =>
  spentBy(
    { model, upstreamModel: null, at: noon, tokens: { ...noTokens, input: 0, output: 0, ...tokens } },
    priceOf,
  );

test('sums up the tokens and the money of a day for keys with a budget, and begins anew with the next day', () => {
  const spending = keySpending();
  const limited = key({ dailyUsd: 1 });
  expect(spending.add(key({}), request('claude-opus-5-5', { input: 1 }), noon)).toBe(false);
  expect([...spending.all()]).toEqual([]);
  expect(spending.add(limited, request('claude-opus-5-5', { input: 1000, output: 500 }), noon)).toBe(true);
  spending.add(
    limited,
    request('claude-opus-5-5', { cacheWrite1h: 7, cacheWrite5m: 3, cacheRead: 1e6 }),
    noon,
  );
  const sum = spending.all().get('one');
  // What is read from a cache costs money, and no tokens of the budget.
  expect(sum).toMatchObject({ day, tokens: 1510 });
  expect(sum?.usd).toBeCloseTo((1000 * 4 + 500 * 20 + 7 * 8 + 3 * 5 + 1e6 * 0.2) / 1e6, 9);
  spending.add(limited, request('claude-opus-5-5', { input: 5 }), asEpoch(noon + 86_400_000));
  expect(spending.all().get('one')).toMatchObject({ day: day + 1, tokens: 5 });
  // A late look at the day before takes nothing back.
  expect(spending.add(limited, request('claude-opus-5-5', { input: 9 }), noon)).toBe(true);
  expect(spending.all().get('one')).toMatchObject({ day: day + 1, tokens: 5 });
});

test('a model without a price costs nothing, and its tokens count', () => {
  const spending = keySpending();
  spending.add(key({ dailyTokens: 10 }), request('unheard-of', { input: 3, output: 4 }), noon);
  expect(spending.all().get('one')).toEqual({ day, tokens: 7, usd: 0 });
});
