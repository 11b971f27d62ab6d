import { describe, expect, test } from 'vitest';
import { parseBudget } from '../../source/shared/budget.ts';
import { asEpoch, type EpochMs, type FinishedRequest, type TokenCounts } from '../../source/shared/types.ts';
import { createSpendings, spentOf } from '../../source/store/budgets.ts';
import type { Price } from '../../source/store/prices.ts';
import { accountId, finishedRequest } from './samples.ts';

const noon = asEpoch(Date.parse('2026-11-22T12:00:00Z'));
const hours = (n: number): EpochMs => asEpoch(noon + n * 3_600_000);

/** A dollar for each output token; the rest is free. */
const price: Price = (model, { output }) => (model === 'unknown' ? null : output);

const tokens = (output: number): TokenCounts => ({
  input: 10,
  output,
  cacheRead: 1000,
  cacheWrite5m: 1,
  cacheWrite1h: null,
});

const start = (...texts: string[]) => {
  const spendings = createSpendings(
    texts.map((text) => parseBudget(text) ?? expect.fail(text)),
    price,
  );
  const request = (output: number, fields: Partial<FinishedRequest> = {}, at = noon): void =>
    spendings.request(finishedRequest(1, { tokens: tokens(output), costKind: 'cost', ...fields }), at);
  const read = (account: string, utilization: number | null, at = noon, resetsAt = hours(5)): void =>
    spendings.reading(
      {
        account: accountId(account),
        accountName: account,
        windows: [{ id: '5h', scope: null, utilization, resetsAt: utilization === null ? null : resetsAt }],
      },
      at,
    );
  const spent = (now = noon) => spendings.views(now).map((view) => view.spent);
  return { spendings, request, read, spent };
};

describe('what counts', () => {
  test('is money of accounts paid by the token, or what plans were worth, never one for the other', () => {
    const { request, spent } = start('all 9usd/day', 'all 9list-usd/day', 'all 999tokens/day');
    request(3);
    request(4, { costKind: 'list value' });
    request(5, { upstreamModel: 'unknown' });
    expect(spent()).toEqual([3, 4, 3 * 11 + 12]);
  });

  test('is what an account served, what a key asked for, or everything', () => {
    const { request, spent } = start(
      'account:work 9usd/day',
      'key:ci 9usd/day',
      'key:default 9usd/day',
      'all 9usd/day',
    );
    request(1, { account: 'work', client: 'ci' });
    request(2, { account: 'home', client: 'default' });
    request(4, { account: null, client: 'ci', costKind: null });
    expect(spent()).toEqual([1, 1, 2, 3]);
  });

  test('counts in the period in which it has ended, and no longer', () => {
    const { request, spent } = start('all 9usd/day', 'all 9usd/week', 'all 9usd/month');
    request(1, {}, hours(-24));
    request(2);
    expect(spent()).toEqual([2, 3, 3]);
    // The next day is a Monday of the same month.
    expect(spent(hours(12))).toEqual([0, 0, 3]);
    request(4, {}, hours(12));
    // One that is told late belongs to a day that is over.
    request(8, {}, hours(11));
    expect(spent(hours(13))).toEqual([4, 4, 15]);
  });
});

describe('a share of a window', () => {
  test('is by how much its use has grown, across its resets, and not what was there before', () => {
    const { read, spent } = start('account:work 30%5h/day');
    // As long as the account has not told of it, nobody knows.
    read('home', 0.5);
    expect(spent()).toEqual([null]);
    read('work', 0.5);
    expect(spent()).toEqual([0]);
    read('work', 0.52);
    // Rounding of the server, back and forth, is counted once in each direction up; a missing figure says nothing.
    read('work', 0.51);
    read('work', null);
    read('work', 0.53);
    read('work', 0.1, hours(6), hours(11));
    expect(spent(hours(6))[0]).toBeCloseTo(0.02 + 0.02 + 0.1, 6);
    read('home', 0.9);
    read('home', 1);
    expect(spent(hours(6))[0]).toBeCloseTo(0.14, 6);
  });

  test('of all accounts is a share of all their windows together', () => {
    const { read, spent } = start('all 30%5h/day');
    for (const account of ['a', 'b', 'c', 'd']) read(account, 0);
    read('a', 0.4);
    read('b', 0.2);
    expect(spent()[0]).toBeCloseTo(0.15, 6);
  });

  test('of a key is its part of the tokens since the last growth; use outside of the proxy is nobody’s', () => {
    const { request, read, spent } = start('key:ci 30%5h/day', 'key:me 30%5h/day');
    read('work', 0);
    request(9, { client: 'ci' });
    request(9, { client: 'ci' });
    request(9, { client: 'me' });
    request(9, { client: 'somebody' });
    read('work', 0.4);
    read('work', 0.6);
    expect(spent()[0]).toBeCloseTo(0.2, 6);
    expect(spent()[1]).toBeCloseTo(0.1, 6);
  });

  test('an account that has gone is forgotten', () => {
    const { spendings, read, spent } = start('account:work 30%5h/day');
    read('work', 0.1);
    spendings.accountRemoved(accountId('work'));
    expect(spent()).toEqual([null]);
    read('work', 0.9);
    expect(spent()).toEqual([0]);
  });
});

test('a hard budget is spent when all of it is, until its period ends; a soft one never refuses', () => {
  const { spendings, request } = start('all 3usd/day', 'all 3usd/day soft', 'all 4usd/month');
  request(2);
  expect(spentOf(spendings.views(noon))).toEqual([]);
  request(1);
  expect(spentOf(spendings.views(noon))).toEqual([
    { text: 'all 3usd/day', scope: { kind: 'all' }, until: asEpoch(Date.parse('2026-11-23T00:00:00Z')) },
  ]);
  expect(spentOf(spendings.views(hours(12)))).toEqual([]);
});

test('from 40 to 70 per cent are 30, though their difference is a little less', () => {
  const { spendings, read } = start('account:work 30%5h/day');
  read('work', 0.4);
  read('work', 0.7);
  expect(spentOf(spendings.views(noon))).toHaveLength(1);
});

test('what no budget is about costs nothing: no price is asked for, and no window is remembered', () => {
  const asked: unknown[] = [];
  const budgets = [parseBudget('key:ci 20%5h/day')].filter((budget) => budget !== null);
  expect(budgets).toHaveLength(1);
  const spendings = createSpendings(budgets, (model) => {
    asked.push(model);
    return 1;
  });
  const windows = Array.from({ length: 50_000 }, (_, n) => ({
    id: `made-up-${n}`,
    scope: null,
    utilization: 0.5,
    resetsAt: null,
  }));
  spendings.reading({ account: accountId('work'), accountName: 'work', windows }, noon);
  const begun = performance.now();
  for (let n = 0; n < 1000; n += 1) {
    spendings.request(finishedRequest(n, { accountId: accountId('work'), client: 'ci' }), noon);
  }
  // Measured: 2 ms; with those windows remembered, seconds.
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(asked).toEqual([]);
});
