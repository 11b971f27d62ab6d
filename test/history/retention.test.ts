import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../source/history/database.ts';
import { pruneStep, type Limits } from '../../source/history/retention.ts';
import { insertRow, toRow } from '../../source/history/schema.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { everything, idsIn, samples } from './rows.ts';

const mebibyte = 1024 * 1024;
let home: TemporaryHome;
let file: string;
let database: DatabaseSync;
beforeEach(async () => {
  home = await temporaryHome();
  file = join(home.path, 'history.sqlite');
  database = openDatabase(file, 4 * mebibyte);
});
afterEach(async () => {
  database.close();
  await home.remove();
});

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
  expect(steps({ olderThan: everything, maxBytes: 4 * mebibyte })).toBe(1);
  expect(idsIn(file)).toHaveLength(500);
});

test('requests before the time go, in small steps, and their pages go back to the disk', () => {
  fill(3000);
  steps({ olderThan: everything, maxBytes: 64 * mebibyte });
  const before = bytesOnDisk();
  const olderThan = samples(3000)[2500]!.at;
  expect(steps({ olderThan, maxBytes: 64 * mebibyte })).toBeGreaterThan(4);
  expect(idsIn(file)).toEqual(samples(500, 2501).map(({ id }) => id));
  expect(bytesOnDisk()).toBeLessThan(before / 3);
});

test('beyond the size the oldest requests go until the file and its log are below it', () => {
  fill(12_000);
  steps({ olderThan: everything, maxBytes: 4 * mebibyte });
  const ids = idsIn(file);
  expect(bytesOnDisk()).toBeLessThan(4 * mebibyte);
  expect(ids.length).toBeGreaterThan(2000);
  expect(ids).toEqual(samples(ids.length, 12_001 - ids.length).map(({ id }) => id));
  expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
});

test('a limit below what an empty file takes comes to an end', () => {
  fill(300);
  steps({ olderThan: everything, maxBytes: 1 });
  expect(idsIn(file)).toEqual([]);
  expect(steps({ olderThan: asEpoch(1), maxBytes: 1 })).toBe(1);
});
