import { expect, test } from 'vitest';
import { keepCosts } from '../source/keep-costs.ts';
import type { AccountCost } from '../source/shared/account-cost.ts';
import { noTokens } from '../source/shared/types.ts';
import { priceOf } from '../source/store/prices.ts';
import { accountId, finished, finishedRequest } from './store/samples.ts';

const start = () => {
  const told: (readonly AccountCost[])[] = [];
  const apply = keepCosts({
    price: priceOf,
    proxy: { setCosts: (costs) => void told.push(costs) },
  });
  return { apply, told };
};
const max = { account: 'max', accountId: accountId('max'), costKind: 'list value' as const };

test('money and what a plan is worth are summed up apart, once for a batch', () => {
  const { apply, told } = start();
  const { model, tokens, at } = finishedRequest(1);
  const usd = priceOf(model, tokens, at) ?? Number.NaN;
  apply([finished(1), finished(2), finished(3, max)]);
  expect(told).toEqual([
    [
      { account: 'work', billing: 'money', usd: usd * 2, unpriced: 0 },
      { account: 'max', billing: 'list_value', usd, unpriced: 0 },
    ],
  ]);
});

test('what has no known price is counted, and costs nothing; what had no tokens is not even that', () => {
  const { apply, told } = start();
  apply([finished(1, { tokens: noTokens, status: 500 }), finished(2, { account: null, accountId: null })]);
  expect(told).toEqual([]);
  apply([finished(3, { upstreamModel: 'a-model-nobody-knows' })]);
  expect(told).toEqual([[{ account: 'work', billing: 'money', usd: null, unpriced: 1 }]]);
});

test('accounts without end take no memory without end', () => {
  const { apply, told } = start();
  apply(Array.from({ length: 2000 }, (_, n) => finished(n, { account: `account-${n}` })));
  expect(told.at(-1)?.length).toBe(256);
});
