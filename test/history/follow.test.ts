import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { followHistory } from '../../source/history/follow.ts';
import type { HistoryFile } from '../../source/history/history-file.ts';
import { givenHistory } from '../kit/given-history.ts';
import { samples, withDatabase } from './rows.ts';

let file: string;
let history: HistoryFile;
givenHistory((...made) => {
  [file, history] = made;
});

test('what is added comes once, in the order in which it was written, also when the file is made later', () => {
  const follower = followHistory(file);
  expect([follower.newest, follower.next()]).toEqual([null, []]);
  history.commit(samples(2, 5));
  expect(follower.next()).toEqual(samples(2, 5));
  expect(follower.next()).toEqual([]);
  history.commit(samples(1, 1));
  expect(follower.next()).toEqual(samples(1, 1));
});

test('what was there before is not followed', () => {
  history.commit(samples(3));
  const follower = followHistory(file);
  expect(follower.newest).toBe(3);
  expect(follower.next()).toEqual([]);
});

test('many at once come in parts', () => {
  const follower = followHistory(file);
  history.commit(samples(1500));
  expect([follower.next().length, follower.next().length, follower.next().length]).toEqual([1000, 500, 0]);
});

test('a history that was cleared, or begun anew, is followed on', () => {
  history.commit(samples(3));
  const follower = followHistory(file);
  withDatabase(file, (database) => database.exec('delete from requests'));
  expect(follower.next()).toEqual([]);
  history.commit(samples(1, 10));
  expect(follower.next()).toEqual(samples(1, 10));
  history.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  expect(follower.next()).toEqual([]);
  history.commit(samples(1, 20));
  expect(follower.next()).toEqual(samples(1, 20));
});
