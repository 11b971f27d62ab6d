import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createHistoryFile, type HistoryFile } from '../../source/history/history-file.ts';
import { givenFile } from '../kit/given-file.ts';
import { pricedSample } from '../store/samples.ts';
import { clockAt, idsIn, lock, readAll, samples } from './rows.ts';

let file: string;
givenFile('history.sqlite', (path) => {
  file = path;
});

const dayMs = 24 * 3600 * 1000;
const open = (maxMiB = 16): HistoryFile =>
  createHistoryFile({ file, retentionDays: 30, maxMiB, clock: clockAt(1_795_000_000_000) });

test('rows are in the file after the commit, for other processes too', () => {
  const history = open();
  history.commit(samples(3));
  expect(readAll(file)).toEqual(samples(3));
  history.close();
  expect(readAll(file)).toEqual(samples(3));
});

test('a closed file opens again with the next use', () => {
  const history = open();
  history.commit(samples(1));
  history.close();
  history.close();
  history.commit(samples(2, 2));
  expect(idsIn(file)).toHaveLength(3);
  history.close();
});

test('a transaction that fails leaves nothing behind, and may be repeated', () => {
  const history = open();
  history.commit(samples(1));
  const unlock = lock(file);
  expect(() => history.commit(samples(2, 2))).toThrow('locked');
  unlock();
  history.close();
  history.commit(samples(2, 2));
  history.commit(samples(2, 2));
  expect(idsIn(file)).toHaveLength(3);
  history.close();
});

test('pruning keeps what is within the days of the limit', () => {
  const history = open();
  const at = (days: number, n: number) =>
    pricedSample(n, { at: (1_795_000_000_000 - days * dayMs) as ReturnType<typeof pricedSample>['at'] });
  history.commit([at(31, 1), at(30, 2), at(29, 3), at(0, 4)]);
  while (history.prune());
  expect(readAll(file).map(({ at }) => (1_795_000_000_000 - at) / dayMs)).toEqual([30, 29, 0]);
  history.close();
});

test('it is over size when the file and its log together are', () => {
  const history = open(1);
  history.commit(samples(10));
  expect(history.isOverSize()).toBe(false);
  history.commit(samples(2000, 100));
  expect(history.isOverSize()).toBe(true);
  history.close();
});

test('a request takes between 100 bytes and one kilobyte of disk, indexes and all', () => {
  const history = open();
  history.commit(samples(2000));
  history.close();
  const bytes = statSync(file).size / 2000;
  expect(bytes).toBeGreaterThan(100);
  expect(bytes).toBeLessThan(1024);
  if (process.env['CCR_SHOW_FIGURES'] === '1') console.log(`${bytes.toFixed(0)} bytes per request`);
});
