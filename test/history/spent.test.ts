import * as fc from 'fast-check';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertLimit, toLimitRow } from '../../source/history/limit-rows.ts';
import { readReadings, readServed, readSpent, type SpentSpan } from '../../source/history/spent.ts';
import { asDuration, asEpoch, type AccountId } from '../../source/shared/types.ts';
import type { LimitSnapshot } from '../../source/store/limit-news.ts';
import type { SpentSum } from '../../source/store/budgets.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { inRun } from '../kit/long-run.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { writeHistory } from '../kit/given-history.ts';
import { pricedSample } from '../store/samples.ts';
import { readAll, withDatabase } from './rows.ts';

const hour = 3_600_000;
const begin = 1_795_000_000_000;

let home: TemporaryHome;
let file: string;
beforeEach(async () => {
  home = await temporaryHome();
  file = join(home.path, 'history.sqlite');
});
afterEach(() => home.remove());

const spanOf = (from: number, before: number): SpentSpan => ({
  from: asEpoch(from),
  before: asEpoch(before),
});

const tokensOf = ({ tokens: { input, output, cacheWrite5m, cacheWrite1h } }: PricedRequest): number =>
  (input ?? 0) + (output ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0);

type Sums = Record<string, { usd: number; tokens: number }>;

const add = (sums: Sums, { account, client, costKind, usd, tokens }: SpentSum): void => {
  const sum = (sums[JSON.stringify([account, client, costKind])] ??= { usd: 0, tokens: 0 });
  sum.usd += usd;
  sum.tokens += tokens;
};

/** One request after the other, each as its row says. */
const plainSums = ({ from, before }: SpentSpan): Sums => {
  const sums: Sums = {};
  for (const row of readAll(file)) {
    const ended = row.at + row.totalMs;
    if (ended < from || ended >= before) continue;
    const { account, client, costKind, costUsd } = row;
    add(sums, { account, client, costKind, usd: costUsd ?? 0, tokens: tokensOf(row) });
  }
  return sums;
};

const anyRow = fc.record({
  at: fc.nat(6 * hour),
  totalMs: fc.nat(2 * hour),
  account: fc.constantFrom(null, 'work', 'home'),
  client: fc.constantFrom('default', 'ci', 'laptop'),
  costKind: fc.constantFrom(null, 'cost' as const, 'list value' as const),
  // Halves, so that sums are exact in whatever order they are made.
  costUsd: fc.constantFrom(null, 0, 0.5, 1.5),
});
type GeneratedRow = typeof anyRow extends fc.Arbitrary<infer Row> ? Row : never;

test(
  'what a span came to is the sum of the requests that ended in it, and no page lies across a cut',
  () => {
    const check = (given: readonly GeneratedRow[], times: readonly number[]): void => {
      const target = (file = join(home.path, `${(serial += 1)}.sqlite`));
      const rows = given.map((row, n) =>
        pricedSample(n, { ...row, at: asEpoch(begin + row.at), totalMs: asDuration(row.totalMs) }),
      );
      writeHistory(target, rows);
      const [from = 0, before = 0, ...cuts] = times.map((time) => asEpoch(begin + time));
      const span = spanOf(from, before);
      const sums: Sums = {};
      const pages = [...readSpent(target, span, cuts)];
      for (const page of pages) for (const sum of page.sums) add(sums, sum);
      expect(sums).toEqual(plainSums(span));
      // What began after the cut stands in pages that begin there or later.
      for (const cut of cuts.filter((time) => time >= from - 2 * hour && time < before).slice(0, 1)) {
        const later: Sums = {};
        for (const page of pages.filter(({ begun }) => begun >= cut))
          for (const sum of page.sums) add(later, sum);
        withDatabase(target, (database) => database.prepare('delete from requests where at < ?').run(cut));
        expect(later).toEqual(plainSums(span));
      }
    };
    let serial = 0;
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 25 }),
        fc.array(fc.nat(8 * hour), { minLength: 2, maxLength: 4 }),
        check,
      ),
      { numRuns: inRun(25, 500) },
    );
  },
  inRun(60_000, 300_000),
);

test('many requests are summed up in steps of few, also those of one moment', () => {
  const rows = Array.from({ length: 9000 }, (_, n) =>
    pricedSample(n, { at: asEpoch(begin + (n < 5000 ? 0 : n)), costUsd: 0.5, account: 'work' }),
  );
  writeHistory(file, rows);
  const pages = [...readSpent(file, spanOf(begin, begin + hour))];
  expect(pages.length).toBeGreaterThanOrEqual(3);
  expect(pages.flatMap(({ sums }) => sums).reduce((all, { usd }) => all + usd, 0)).toBe(4500);
  const served = [...readServed(file, spanOf(begin, begin + hour))];
  expect(served.map(({ length }) => length)).toEqual([2000, 2000, 2000, 2000, 1000]);
});

test('requests come one by one in the order in which they began, those alone that an account has served', () => {
  const at = (n: number, fields: Partial<PricedRequest> = {}): PricedRequest =>
    pricedSample(n, { at: asEpoch(begin + n), totalMs: asDuration(1000), client: `c-${n}`, ...fields });
  writeHistory(file, [
    at(3),
    at(1),
    at(2, { accountId: null, account: null }),
    at(-1500),
    at(-500, { totalMs: asDuration(400) }),
    at(hour),
  ]);
  const served = [...readServed(file, spanOf(begin, begin + hour))].flat();
  expect(served.map(({ client, ended }) => [client, ended - begin])).toEqual([
    ['c-1', 1001],
    ['c-3', 1003],
  ]);
  expect(served[0]).toMatchObject({ accountId: 'id-work' satisfies string as AccountId, tokens: 2140 });
});

test('readings of windows come in steps, oldest first, those of the span alone', () => {
  writeHistory(file, []);
  const reading = (at: number): LimitSnapshot => ({
    at: asEpoch(begin + at),
    accountId: 'id-work' as AccountId,
    window: '5h',
    scope: null,
    utilization: at / 10_000,
    resetsAt: null,
    status: null,
    source: 'header',
  });
  const all = Array.from({ length: 2500 }, (_, n) => reading(n));
  withDatabase(file, (database) => {
    const insert = database.prepare(insertLimit);
    for (const each of [reading(-1), ...all.toReversed(), reading(hour)]) insert.run(...toLimitRow(each));
  });
  const pages = [...readReadings(file, spanOf(begin, begin + hour))];
  expect(pages.map(({ length }) => length)).toEqual([2000, 500]);
  expect(pages.flat()).toEqual(all);
});

test('a file of the first version has tokens, and no money', () => {
  copyFileSync(new URL('../fixtures/history/version-1.sqlite', import.meta.url), file);
  const span = spanOf(0, 4e12);
  const sums = [...readSpent(file, span)].flatMap((page) => page.sums);
  expect(sums.every(({ costKind }) => costKind === null)).toBe(true);
  expect([...readReadings(file, span)]).toEqual([]);
  const all = readAll(file).reduce((sum, row) => sum + tokensOf(row), 0);
  expect(sums.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(all);
  expect(all).toBeGreaterThan(0);
});

test('without a history nothing was spent; one that is broken is said', () => {
  expect([...readSpent(file, spanOf(0, 1))]).toEqual([]);
  expect([...readServed(file, spanOf(0, 1))]).toEqual([]);
  expect([...readReadings(file, spanOf(0, 1))]).toEqual([]);
  writeFileSync(file, 'x'.repeat(8192));
  expect(() => [...readSpent(file, spanOf(0, 1))]).toThrow('history.sqlite cannot be read: it is damaged');
});
