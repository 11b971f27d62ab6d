import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from '../source/config/settings.ts';
import { keepBudgets, type KeepBudgetsOptions, type KeptBudgets } from '../source/keep-budgets.ts';
import type { SpentBudget } from '../source/shared/budget.ts';
import type { ProxyEvent } from '../source/shared/events.ts';
import { asDuration, asEpoch, type FinishedRequest, type LimitWindow } from '../source/shared/types.ts';
import { systemClock } from '../source/shared/clock.ts';
import type { LimitSnapshot } from '../source/store/limit-news.ts';
import { insertLimit, toLimitRow } from '../source/history/limit-rows.ts';
import { readReadings, readServed, readSpent, type SpentSpan } from '../source/history/spent.ts';
import { pricedRequest, type Price } from '../source/store/prices.ts';
import { accountId, accountView, finishedRequest, requestId } from './store/samples.ts';
import { accountRecord, keyRecord } from './kit/records.ts';
import { withDatabase } from './history/rows.ts';
import { temporaryHome, type TemporaryHome } from './kit/temporary-home.ts';
import { writeHistory } from './kit/given-history.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;

const price: Price = (_, { output }) => output;

const open: KeptBudgets[] = [];
let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((kept) => kept.close()));
  await home.remove();
});

/** What a history has that these requests are in. */
const historyOf = (requests: readonly FinishedRequest[]): KeepBudgetsOptions['before'] => {
  const file = `${home.path}/history.sqlite`;
  writeHistory(
    file,
    requests.map((each, n) => ({ ...pricedRequest(each, price), id: requestId(n) })),
  );
  return {
    spent: (span) => readSpent(file, span),
    served: (span) => readServed(file, span),
    readings: (span) => readReadings(file, span),
  };
};

/** A request that costs that many dollars and ended then. */
const request = (usd: number, ended: number, fields: Partial<FinishedRequest> = {}): FinishedRequest =>
  finishedRequest(1, {
    at: asEpoch(ended - 1000),
    totalMs: asDuration(1000),
    costKind: 'cost',
    tokens: { input: 0, output: usd, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null },
    ...fields,
  });

const start = (budgets: readonly string[], more: Partial<KeepBudgetsOptions> = {}) => {
  let now = noon;
  const loaded = loadSettings({ paths: { config: '/nonexistent/config.json' }, env: {} });
  const settings = {
    config: { ...loaded.config, budgets },
    accounts: [accountRecord('work', { id: accountId('work') })],
    clientKeys: [keyRecord('ci')],
  };
  const sent: (readonly SpentBudget[])[] = [];
  const told: ProxyEvent[] = [];
  const logged: string[] = [];
  let awaited = Promise.withResolvers<void>();
  const kept = keepBudgets({
    settings,
    clock: { ...systemClock, now: () => asEpoch(now) },
    price,
    proxy: {
      setBudgets(spent) {
        sent.push(spent);
        awaited.resolve();
        awaited = Promise.withResolvers();
      },
    },
    before: { spent: () => [], served: () => [], readings: () => [] },
    tell: (events) => void told.push(...events),
    log: (_, text) => void logged.push(text),
    lagMs: 0,
    ...more,
  });
  open.push(kept);
  return {
    kept,
    settings,
    sent,
    told,
    logged,
    next: () => awaited.promise,
    pass(ms: number): void {
      now += ms;
      kept.apply([]);
    },
    finish(usd: number, fields: Partial<FinishedRequest> = {}): void {
      now += 1;
      kept.apply([{ type: 'requestFinished', at: asEpoch(now), request: request(usd, now, fields) }]);
    },
  };
};

test('without budgets the data plane learns at once that none is spent', async () => {
  const { next, sent, kept } = start([]);
  await next();
  expect([sent, kept.views()]).toEqual([[[]], []]);
});

test('says it once at four fifths and once at the end, refuses from then on, and begins anew in the next period', async () => {
  const { next, sent, told, finish, pass, kept } = start(['all 10usd/day', 'all 10usd/day soft']);
  await next();
  expect(told.splice(0)).toMatchObject([{ type: 'budgetsCounted', reached: [] }]);
  finish(7);
  expect(told).toEqual([]);
  finish(1);
  finish(1);
  expect(told).toMatchObject([
    { type: 'budgetReached', budget: 'all 10usd/day', share: 0.8, hard: true },
    { type: 'budgetReached', budget: 'all 10usd/day soft', share: 0.8, hard: false },
  ]);
  expect(sent).toEqual([[]]);
  finish(5);
  finish(5);
  expect(told.slice(2)).toMatchObject([
    { share: 1, hard: true },
    { share: 1, hard: false },
  ]);
  const midnight = asEpoch(noon + dayMs / 2);
  expect(sent).toEqual([[], [{ text: 'all 10usd/day', scope: { kind: 'all' }, until: midnight }]]);
  expect(kept.views().map(({ spent, resetsAt }) => [spent, resetsAt])).toEqual([
    [19, midnight],
    [19, midnight],
  ]);
  pass(dayMs / 2);
  expect(sent.at(-1)).toEqual([]);
  finish(8);
  expect(told.slice(4)).toMatchObject([{ share: 0.8 }, { share: 0.8 }]);
});

test('what was spent before this start counts, once, and is said without being news', async () => {
  const limit = (utilization: number, at: number): LimitSnapshot => ({
    at: asEpoch(at),
    accountId: accountId('work'),
    window: '5h',
    scope: null,
    utilization,
    resetsAt: asEpoch(noon + 3_600_000),
    status: null,
    source: 'header',
  });
  const asked: SpentSpan[] = [];
  const history = historyOf([
    request(20, noon - dayMs),
    request(11, noon - 1000),
    request(1000, noon + 1000),
  ]);
  withDatabase(`${home.path}/history.sqlite`, (database) => {
    for (const each of [limit(0.1, noon - 3000), limit(0.4, noon - 2000), limit(0.9, noon + 2000)]) {
      database.prepare(insertLimit).run(...toLimitRow(each));
    }
  });
  const { next, sent, told, logged, kept } = start(
    ['all 10usd/day', 'all 90usd/month', 'account:work 50%5h/day'],
    {
      before: {
        ...history,
        spent(span) {
          asked.push(span);
          return history.spent(span);
        },
      },
    },
  );
  expect(kept.views().map(({ spent }) => spent)).toEqual([null, null, null]);
  await next();
  expect(kept.views().map(({ spent }) => spent)).toEqual([11, 31, expect.closeTo(0.3, 6)]);
  // From the first of the month to today, and today.
  expect(asked.map(({ from, before }) => [new Date(from).toISOString(), before])).toEqual([
    ['2026-11-01T00:00:00.000Z', noon - dayMs / 2],
    ['2026-11-22T00:00:00.000Z', noon + 1],
  ]);
  expect(sent).toMatchObject([[{ text: 'all 10usd/day' }]]);
  expect(told).toMatchObject([
    { type: 'budgetsCounted', reached: [{ budget: 'all 10usd/day', share: 1, hard: true }] },
  ]);
  expect(logged).toEqual(['100 % of the budget all 10usd/day was spent before']);
  // The next reading goes on from the last one in the history.
  const window: LimitWindow = { ...limit(0.5, noon), id: '5h', seenAt: asEpoch(noon) };
  const account = accountView('work', { windows: [window] });
  kept.apply([{ type: 'accountChanged', at: asEpoch(noon), account }]);
  expect(kept.views()[2]?.spent).toBeCloseTo(0.4, 6);
});

test('a budget that is set later counts what was spent before it', async () => {
  const { kept, next, settings, sent, told, finish, pass } = start([], {
    before: historyOf([request(4, noon - 1000), request(3, noon + 1)]),
  });
  await next();
  finish(3);
  settings.config = { ...settings.config, budgets: ['all 10usd/day'] };
  pass(1);
  finish(2);
  await expect.poll(() => kept.views()[0]?.spent).toBe(9);
  finish(2);
  expect(sent).toMatchObject([[], [{ text: 'all 10usd/day' }]]);
  settings.config = { ...settings.config, budgets: [] };
  pass(1);
  await next();
  expect(sent.at(-1)).toEqual([]);
  // And nobody is shown any more what the budget that has gone had come to.
  expect(told.at(-1)).toMatchObject({ type: 'budgetsCounted', reached: [] });
});

test('a history that cannot be read is said, and keeps nobody waiting', async () => {
  const { next, sent, logged } = start(['all 10usd/day'], {
    before: {
      ...historyOf([]),
      spent: () => {
        throw new Error('the disk reports errors');
      },
    },
  });
  await next();
  expect(sent).toEqual([[]]);
  expect(logged).toEqual([expect.stringContaining('the disk reports errors')]);
});

test('a budget about somebody who is not there is told: it would hold nobody back', async () => {
  const { next, logged } = start([
    'account:wrok 1usd/day',
    'account:work 1usd/day',
    'key:ci 1usd/day',
    'key:cj 1usd/day',
    'key:default 1usd/day',
  ]);
  await next();
  expect(logged).toEqual([
    'the budget account:wrok 1usd/day is about an account that is not there',
    'the budget key:cj 1usd/day is about a key that is not there',
  ]);
});
