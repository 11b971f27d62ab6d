import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { openDatabase } from '../../source/history/database.ts';
import { pruneStep, type Limits } from '../../source/history/retention.ts';
import { insertLimit, readLimits, toLimitRow } from '../../source/history/limit-rows.ts';
import { insertRow, toRow } from '../../source/history/schema.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { accountId } from '../store/samples.ts';
import { givenFile } from '../kit/given-file.ts';
import { everything, idsIn, samples } from './rows.ts';

const mebibyte = 1024 * 1024;
let file: string;
let database: DatabaseSync;
givenFile('history.sqlite', (path) => {
  file = path;
  database = openDatabase(file, 4 * mebibyte);
});
afterEach(() => database.close());

const now = asEpoch(1_795_000_000_000);

const fill = (count: number): void => {
  const insert = database.prepare(insertRow);
  database.exec('begin');
  for (const request of samples(count)) insert.run(...toRow(request));
  database.exec('commit');
};

const steps = (limits: Limits): number => {
  let count = 1;
  while (pruneStep(database, limits)) count += 1;
  return count;
};

const bytesOnDisk = (): number =>
  statSync(file).size + (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);

test('within the limits nothing goes', () => {
  fill(500);
  expect(steps({ now, olderThan: everything, maxBytes: 4 * mebibyte })).toBe(1);
  expect(idsIn(file)).toHaveLength(500);
});

test('requests before the time go, in small steps, and their pages go back to the disk', () => {
  fill(3000);
  steps({ now, olderThan: everything, maxBytes: 64 * mebibyte });
  const before = bytesOnDisk();
  const olderThan = samples(3000)[2500]!.at;
  expect(steps({ now, olderThan, maxBytes: 64 * mebibyte })).toBeGreaterThan(4);
  expect(idsIn(file)).toEqual(samples(500, 2501).map(({ id }) => id));
  expect(bytesOnDisk()).toBeLessThan(before / 3);
});

test('beyond the size the oldest requests go until the file and its log are below it', () => {
  fill(12_000);
  steps({ now, olderThan: everything, maxBytes: 4 * mebibyte });
  const ids = idsIn(file);
  expect(bytesOnDisk()).toBeLessThan(4 * mebibyte);
  expect(ids.length).toBeGreaterThan(2000);
  expect(ids).toEqual(samples(ids.length, 12_001 - ids.length).map(({ id }) => id));
  expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
});

test('a limit below what an empty file takes comes to an end', () => {
  fill(300);
  steps({ now, olderThan: everything, maxBytes: 1 });
  expect(idsIn(file)).toEqual([]);
  expect(steps({ now, olderThan: asEpoch(1), maxBytes: 1 })).toBe(1);
});

const limitAt = (at: number): void => {
  const limit = { window: '5h', scope: null, utilization: 0.5, resetsAt: null, status: null };
  const row = toLimitRow({ ...limit, at: asEpoch(at), accountId: accountId('work'), source: 'header' });
  database.prepare(insertLimit).run(...row);
};
const limitTimes = (): number[] => readLimits(database, 0).map(({ at }) => at - now);

test('snapshots of limits before the time go with the requests, and old ones are thinned to the last of an hour', () => {
  const hourMs = 3_600_000;
  // The time is ten minutes from the end of an hour.
  for (const hours of [-100, -72.02, -72.01, -72, -1.02, -1.01]) limitAt(now + hours * hourMs);
  steps({ now, olderThan: asEpoch(now - 99 * hourMs), maxBytes: 64 * mebibyte });
  expect(limitTimes().map((ms) => ms / hourMs)).toEqual([-72, -1.02, -1.01]);
});

test('beyond the size, snapshots of before the oldest request that is left go as well', () => {
  fill(12_000);
  const times = samples(12_000).map(({ at }) => at);
  for (const index of [0, 100, 11_999]) limitAt(times[index]!);
  steps({ now: asEpoch(0), olderThan: everything, maxBytes: 4 * mebibyte });
  expect(limitTimes().map((ms) => ms + now)).toEqual([times[11_999]]);
});
