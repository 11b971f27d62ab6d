import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../source/history/database.ts';
import { readStatistics } from '../../source/history/read-statistics.ts';
import type { StatsAnswer } from '../../source/history/statistics.ts';
import { givenFile } from '../kit/given-file.ts';
import { foundSums, plainSums } from './plain-sums.ts';
import { readAll, withDatabase } from './rows.ts';

const fixtures = new URL('../fixtures/history/', import.meta.url).pathname;
const released = readdirSync(fixtures).filter((name) => name.endsWith('.sqlite'));

let file: string;
givenFile('history.sqlite', (path) => {
  file = path;
});

const read = (): StatsAnswer => {
  const steps = readStatistics(file, { since: 0, dimensions: ['model'], slotMs: 3_600_000 });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
};

test.each(released)('%s is summed up as it is before an instance has opened it', (name) => {
  copyFileSync(join(fixtures, name), file);
  const before = readFileSync(file);
  const sums = foundSums(read().all.groups);
  expect(sums).toEqual(plainSums(readAll(file), () => null));
  expect(sums[0]?.[1].requests).toBeGreaterThan(0);
  expect(readFileSync(file)).toEqual(before);
});

test('without a file, and with one that was only just made, there is nothing to sum up', () => {
  expect(read().all.groups.size).toBe(0);
  writeFileSync(file, '');
  expect(read().all.groups.size).toBe(0);
});

test.each([
  ['a folder in its place', () => mkdirSync(file), 'cannot be read: it is no file'],
  ['no database', () => writeFileSync(file, 'x'.repeat(8192)), 'cannot be read: it is damaged'],
  [
    'a newer version',
    () => {
      openDatabase(file, 1024 * 1024).close();
      withDatabase(file, (database) => database.exec('pragma user_version = 99'));
    },
    'was written by a newer version',
  ],
])('%s is said', (_, make, message) => {
  make();
  expect(read).toThrow(`history.sqlite ${message}`);
});
