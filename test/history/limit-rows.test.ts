import * as fc from 'fast-check';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { openDatabase } from '../../source/history/database.ts';
import {
  fromLimitRow,
  insertLimit,
  readLimits,
  readOpenLimits,
  thinLimits,
  toLimitRow,
} from '../../source/history/limit-rows.ts';
import { asEpoch } from '../../source/shared/types.ts';
import type { LimitSnapshot } from '../../source/store/limit-news.ts';
import { givenFile } from '../kit/given-file.ts';
import { accountId } from '../store/samples.ts';

let database: DatabaseSync;
givenFile('history.sqlite', (file) => {
  database = openDatabase(file, 4 * 1024 * 1024);
});
afterEach(() => database.close());

const hourMs = 3_600_000;
/** The beginning of an hour. */
const start = Math.floor(1_795_000_000_000 / hourMs) * hourMs;
const snapshot = (at: number, fields: Partial<LimitSnapshot> = {}): LimitSnapshot => ({
  at: asEpoch(at),
  accountId: accountId('work'),
  window: '5h',
  scope: null,
  utilization: 0.42,
  resetsAt: asEpoch(start + 5 * hourMs),
  status: 'allowed',
  source: 'header',
  ...fields,
});
const write = (...snapshots: LimitSnapshot[]): void => {
  const insert = database.prepare(insertLimit);
  for (const each of snapshots) insert.run(...toLimitRow(each));
};
const thin = (now: number, most = 1000): number => {
  let steps = 0;
  while (thinLimits(database, now, most)) steps += 1;
  return steps;
};

test('what is read is what was written, oldest first, and unknown is null', () => {
  const first = snapshot(start, { scope: 'opus', utilization: null, resetsAt: null, status: null });
  const second = snapshot(start + 1, { source: 'usage', accountId: accountId('home') });
  write(second, first);
  expect(readLimits(database, start)).toEqual([first, second]);
  expect(readLimits(database, start + 1)).toEqual([second]);
  expect(readLimits(database, start, accountId('work'))).toEqual([first]);
});

test('the same snapshot twice is one', () => {
  write(snapshot(start), snapshot(start, { utilization: 0.9 }), snapshot(start, { scope: 'opus' }));
  expect(readLimits(database, start).map(({ utilization }) => utilization)).toEqual([0.42, 0.42]);
});

test('of what is over 48 hours old the last of each hour stays, of each window; younger ones all do', () => {
  const minutes = Array.from({ length: 60 * 6 }, (_, n) => snapshot(start + n * 60_000));
  const scoped = minutes.map((each) => ({ ...each, scope: 'opus' }));
  write(...minutes, ...scoped);
  // Three hours of the six are old by then.
  const steps = thin(start + 51 * hourMs, 50);
  expect(steps).toBe(8);
  const left = readLimits(database, 0).filter(({ scope }) => scope === null);
  const old = left.filter(({ at }) => at < start + 3 * hourMs);
  expect(old.map(({ at }) => (at - start) / 60_000)).toEqual([59, 119, 179]);
  expect(left.length - old.length).toBe(180);
  expect(readLimits(database, 0)).toHaveLength(2 * left.length);
  expect(thin(start + 51 * hourMs)).toBe(0);
});

test('whatever a foreign hand wrote into a row, it is read as a snapshot that can be shown', () => {
  const value = fc.oneof(fc.constant(null), fc.string(), fc.double(), fc.bigInt(), fc.uint8Array());
  const columns = ['at', 'account_id', 'window', 'scope', 'utilization', 'resets_at', 'status', 'source'];
  fc.assert(
    fc.property(fc.array(value, { minLength: 8, maxLength: 8 }), (values) => {
      const read = fromLimitRow(Object.fromEntries(columns.map((name, index) => [name, values[index]])));
      expect(() => new Date(read.at).toISOString()).not.toThrow();
      expect(() => read.resetsAt === null || new Date(read.resetsAt).toISOString()).not.toThrow();
      expect(['header', 'usage']).toContain(read.source);
    }),
  );
});

test('of the periods that are not over the newest are read, oldest first', () => {
  write(
    snapshot(start, { resetsAt: asEpoch(start + 1) }),
    snapshot(start + 1, { utilization: 0.1 }),
    snapshot(start + 20_000, { utilization: 0.2 }),
    snapshot(start + 40_000, { utilization: 0.3 }),
    snapshot(start + 60_000, { utilization: 0.4, resetsAt: null }),
  );
  const used = (most: number) =>
    readOpenLimits(database, start + hourMs, most).map(({ utilization }) => utilization);
  expect(used(10)).toEqual([0.1, 0.2, 0.3]);
  expect(used(2)).toEqual([0.2, 0.3]);
  expect(readOpenLimits(database, start + 5 * hourMs, 10)).toEqual([]);
});
