import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf } from '../../source/history/failure.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { lock } from './rows.ts';

let home: TemporaryHome;
beforeAll(async () => {
  home = await temporaryHome();
});
afterAll(() => home.remove());

const errorOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

/** Each error as SQLite or the file system really throws it. */
const provoke: Record<string, () => unknown> = {
  'it is read-only'() {
    const file = join(home.path, 'read-only');
    new DatabaseSync(file).exec('create table t (a)');
    return new DatabaseSync(file, { readOnly: true }).exec('insert into t values (1)');
  },
  'the disk is full'() {
    const database = new DatabaseSync(join(home.path, 'full'));
    database.exec('pragma max_page_count = 2; create table t (a)');
    return database.exec('insert into t values (zeroblob(100000))');
  },
  'another program has locked it'() {
    const file = join(home.path, 'locked');
    const unlock = lock(file);
    try {
      return new DatabaseSync(file).exec('create table t (a)');
    } finally {
      // Not before: a lock that nobody holds on to goes with the next sweep of the memory.
      unlock();
    }
  },
  'it cannot be opened'() {
    mkdirSync(join(home.path, 'folder'));
    return new DatabaseSync(join(home.path, 'folder'));
  },
  'it is a folder': () => openSync(home.path, 'a'),
  'its folder is not a folder'() {
    writeFileSync(join(home.path, 'file'), '');
    return openSync(join(home.path, 'file', 'history.sqlite'), 'a');
  },
};

test.each(Object.keys(provoke))('says that %s', (reason) => {
  expect(failureOf(errorOf(provoke[reason]!))).toEqual({ damaged: false, reason });
});

test('only a file that is no database, or a broken one, is damaged', () => {
  const file = join(home.path, 'garbage');
  writeFileSync(file, 'x'.repeat(5000));
  const error = errorOf(() => new DatabaseSync(file).exec('pragma user_version'));
  expect(failureOf(error)).toEqual({ damaged: true, reason: 'it is damaged' });
  expect(failureOf({ errcode: 11 + 256 })).toMatchObject({ damaged: true });
});

test.each([
  [new Error('something else'), 'something else'],
  ['something else', 'something else'],
  [null, 'null'],
  [undefined, 'undefined'],
  [{ code: 5 }, '[object Object]'],
])('any other thing that is thrown (%s) is told in its own words', (error, reason) => {
  expect(failureOf(error)).toEqual({ damaged: false, reason });
});
