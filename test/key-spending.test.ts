import { expect, test } from 'vitest';
import { keySpending } from '../source/key-spending.ts';
import { unlimited, type ClientKeyRecord } from '../source/shared/client-key.ts';
import { asEpoch, type FinishedRequest, type TokenCounts } from '../source/shared/types.ts';
import { priceOf } from '../source/store/prices.ts';

const noon = asEpoch(Date.UTC(2026, 10, 22, 12));
const day = Math.floor(noon / 86_400_000);

const key = (limits: Partial<ClientKeyRecord['limits']>): ClientKeyRecord => ({
  id: 'one',
  name: 'ci',
  kind: 'user',
  hash: '',
  previous: null,
  store: 'vault',
  createdAt: asEpoch(0),
  lastUsedAt: null,
  revokedAt: null,
  limits: { ...unlimited, ...limits },
  process: null,
});

const request = (model: string, tokens: Partial<TokenCounts>): FinishedRequest =>
  ({
    model,
    upstreamModel: null,
    tokens: { input: 0, output: 0, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null, ...tokens },
  }) as FinishedRequest;

test('sums up the tokens and the money of a day for keys with a budget, and begins anew with the next day', () => {
  const spending = keySpending(priceOf);
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
  const spending = keySpending(priceOf);
  spending.add(key({ dailyTokens: 10 }), request('unheard-of', { input: 3, output: 4 }), noon);
  expect(spending.all().get('one')).toEqual({ day, tokens: 7, usd: 0 });
});
