import * as fc from 'fast-check';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readServed, readSpent } from '../source/history/spent.ts';
import { recountBudgets } from '../source/recount-budgets.ts';
import { parseBudget } from '../source/shared/budget.ts';
import { asDuration, asEpoch } from '../source/shared/types.ts';
import { createSpendings, type Spendings } from '../source/store/budgets.ts';
import type { LimitSnapshot } from '../source/store/limit-news.ts';
import type { PricedRequest } from '../source/store/state.ts';
import { inRun } from './kit/long-run.ts';
import { temporaryHome, type TemporaryHome } from './kit/temporary-home.ts';
import { writeHistory } from './kit/given-history.ts';
import { accountId, pricedSample } from './store/samples.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());

const now = asEpoch(Date.parse('2026-11-25T12:00:00Z'));
const month = now - Date.parse('2026-11-01T00:00:00Z');
const texts = ['usd', 'list-usd', 'tokens']
  .flatMap((unit) => ['all', 'account:work', 'key:ci'].map((scope) => `${scope} 9${unit}`))
  .flatMap((limit) => ['day', 'week', 'month'].map((period) => `${limit}/${period}`));
const shares = ['account:work 30%5h/week', 'all 30%5h/month', 'key:ci 30%5h/day'];
const accounts = [{ id: accountId('work'), name: 'work' }];

const spendingsOf = (budgets: readonly string[]): Spendings =>
  createSpendings(
    budgets.map((text) => parseBudget(text) ?? expect.fail(text)),
    () => null,
  );

const spentIn = (spendings: Spendings): (number | null)[] => spendings.views(now).map(({ spent }) => spent);

const anyRow = fc.record({
  // Before the month began, too.
  ago: fc.nat(month + 3_600_000),
  totalMs: fc.nat(7_200_000),
  account: fc.constantFrom(null, 'work', 'home'),
  client: fc.constantFrom('default', 'ci'),
  costKind: fc.constantFrom('cost' as const, 'list value' as const),
  costUsd: fc.constantFrom(null, 0.5, 2),
});
type GeneratedRow = typeof anyRow extends fc.Arbitrary<infer Row> ? Row : never;

test('what the history sums up is what each of its requests would have come to by itself', async () => {
  let serial = 0;
  const check = async (given: readonly GeneratedRow[]): Promise<void> => {
    const file = join(home.path, `${(serial += 1)}.sqlite`);
    const rows = given.map(({ ago, ...row }, n) =>
      pricedSample(n, { ...row, at: asEpoch(now - ago), totalMs: asDuration(row.totalMs) }),
    );
    writeHistory(file, rows);
    const recounted = spendingsOf(texts);
    const spent = readSpent.bind(null, file);
    const before = { spent, served: () => [], readings: () => [] };
    await recountBudgets({ texts, spendings: recounted, since: now, accounts }, before);

    const costs = new Map(rows.map((row) => [row.at, row.costUsd]));
    const lived = createSpendings(
      texts.flatMap((text) => parseBudget(text) ?? []),
      (_model, _tokens, at) => costs.get(at) ?? null,
    );
    const endOf = (row: PricedRequest): number => row.at + row.totalMs;
    for (const row of rows.toSorted((a, b) => endOf(a) - endOf(b))) {
      if (endOf(row) <= now) lived.request(row, asEpoch(endOf(row)));
    }
    expect(spentIn(recounted)).toEqual(spentIn(lived));
  };
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(anyRow, { maxLength: 12, selector: ({ ago }) => ago }), check),
    { numRuns: inRun(15, 500) },
  );
});

test('requests are read one by one only where a share of a window is a key’s, and shares grow as they did', async () => {
  const file = join(home.path, 'history.sqlite');
  const row = (ago: number, client: string): PricedRequest =>
    pricedSample(ago, { at: asEpoch(now - ago), totalMs: asDuration(0), client });
  writeHistory(file, [row(50, 'ci'), row(40, 'me'), row(30, 'me'), row(20, 'ci')]);
  const limit = (ago: number, utilization: number): LimitSnapshot => ({
    at: asEpoch(now - ago),
    accountId: accountId('work'),
    window: '5h',
    scope: null,
    utilization,
    resetsAt: asEpoch(now + 3_600_000),
    status: null,
    source: 'header',
  });
  const reads: string[] = [];
  const count = async (budgets: readonly string[]): Promise<(number | null)[]> => {
    const spendings = spendingsOf(budgets);
    await recountBudgets(
      { texts: budgets, spendings, since: now, accounts },
      {
        spent: (span) => (reads.push('sums'), readSpent(file, span)),
        served: (span) => (reads.push('requests'), readServed(file, span)),
        readings: () => [[limit(60, 0.1), limit(25, 0.4)], [limit(10, 0.5)]],
      },
    );
    return spentIn(spendings);
  };
  expect(await count(shares.slice(0, 2))).toEqual([expect.closeTo(0.4, 9), expect.closeTo(0.4, 9)]);
  expect(await count(['all 1usd/day', 'all 1usd/month'])).toEqual([0.08, 0.08]);
  expect(reads.splice(0)).toEqual(['sums', 'sums']);
  // A third of the first growth, and all of the second.
  expect(await count(shares.slice(2))).toEqual([expect.closeTo(0.3 / 3 + 0.1, 9)]);
  expect(reads).toEqual(['requests']);
});

test('a share of a key is what it would have been, however requests ran beside one another', async () => {
  const day = 12 * 3_600_000;
  const time = fc.nat(day - 1);
  const anyServed = fc.record({ from: time, to: time, client: fc.constantFrom('ci', 'me') });
  const anyReading = fc.record({ at: time, utilization: fc.integer({ min: 1, max: 100 }) });
  const [share] = shares.slice(2);
  let serial = 0;
  const check = async (
    given: readonly (typeof anyServed extends fc.Arbitrary<infer Each> ? Each : never)[],
    read: readonly (typeof anyReading extends fc.Arbitrary<infer Each> ? Each : never)[],
  ): Promise<void> => {
    const file = join(home.path, `shares-${(serial += 1)}.sqlite`);
    const rows = given.map(({ from, to, client }, n) => {
      // Even and odd: no request ends in the moment of a reading. None takes longer than two hours.
      const begun = now - day + 2 * Math.floor(Math.min(from, to) / 2);
      const totalMs = asDuration(2 * Math.floor(Math.min(Math.abs(from - to), 7_000_000) / 2));
      return pricedSample(n, { at: asEpoch(begun), totalMs, client });
    });
    writeHistory(file, rows);
    const readings = read
      .map(({ at, utilization }) => ({
        at: asEpoch(now - day + 2 * Math.floor(at / 2) + 1),
        accountId: accountId('work'),
        window: '5h',
        scope: null,
        utilization: utilization / 100,
        resetsAt: asEpoch(now + 3_600_000),
        status: null,
        source: 'header' as const,
      }))
      .toSorted((a, b) => a.at - b.at);
    const recounted = spendingsOf([share ?? '']);
    await recountBudgets(
      { texts: [share ?? ''], spendings: recounted, since: now, accounts },
      {
        spent: () => [],
        // In steps of one: what runs beside it comes later.
        served: (span) => [...readServed(file, span)].flat().map((each) => [each]),
        readings: () => [readings],
      },
    );
    const lived = spendingsOf([share ?? '']);
    const endOf = (row: PricedRequest): number => row.at + row.totalMs;
    const events = [
      ...rows.map((row) => ({ at: endOf(row), take: () => lived.request(row, asEpoch(endOf(row))) })),
      ...readings.map(({ at, window: id, accountId: account, ...rest }) => ({
        at: Number(at),
        take: () => lived.reading({ account, accountName: 'work', windows: [{ ...rest, id }] }, at),
      })),
    ];
    for (const { take } of events.toSorted((a, b) => a.at - b.at)) take();
    const [[is], [wanted]] = [spentIn(recounted), spentIn(lived)];
    expect(is === null ? null : Math.round((is ?? 0) * 1e9)).toBe(
      wanted === null ? null : Math.round((wanted ?? 0) * 1e9),
    );
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyServed, { maxLength: 10 }),
      fc.uniqueArray(anyReading, { maxLength: 8, selector: ({ at }) => Math.floor(at / 2) }),
      check,
    ),
    { numRuns: inRun(40, 500) },
  );
});
