import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { filesHolding } from '../../../source/credentials/importers/plain-left.ts';
import { overwriteInSqlite, querySqlite } from '../../../source/credentials/importers/sqlite-store.ts';
import { loadSqlite } from '../../../source/shared/sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-sqlite-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
let path = '';
beforeEach(() => {
  // A name that is more than letters: it becomes part of a URL.
  path = join(root, `tool #${(count += 1)}?.db`);
});

const { DatabaseSync } = loadSqlite();
const make = (sql = '') => {
  const database = new DatabaseSync(path);
  database.exec(`pragma journal_mode = wal; create table t (id text, token text);
    insert into t values ('1', 'marker-one'), ('2', 'marker-two'); ${sql}`);
  return database;
};
const all = () => querySqlite(path, 'select * from t order by id').map(({ token }) => token);
const there = () =>
  readdirSync(root)
    .filter((name) => name.startsWith(`tool #${count}?`))
    .toSorted()
    .map((name) => [name, statSync(join(root, name)).mtimeMs, readFileSync(join(root, name), 'base64')]);

test('rows are read, and nothing is written or left beside the file', () => {
  make().close();
  const before = there();
  expect(before).toHaveLength(1);
  expect(all()).toEqual(['marker-one', 'marker-two']);
  expect(there()).toEqual(before);
});

test('what a running tool has only in its log is read, too', () => {
  const writer = make();
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  expect(all()).toEqual(['marker-one', 'marker-two']);
  writer.close();
});

test('what is overwritten is in no page and no log any more', () => {
  const rounds = Array.from(
    { length: 60 },
    (_, round) => `update t set id = '1' where id = '1' and ${round} >= 0`,
  );
  make(rounds.join(';')).close();
  expect(filesHolding(path, ['marker-one'])).toEqual([path]);
  overwriteInSqlite(path, [{ sql: "update t set token = '' where id = ?", values: ['1'] }]);
  expect(all()).toEqual(['', 'marker-two']);
  expect(filesHolding(path, ['marker-one'])).toEqual([]);
  expect(filesHolding(path, ['marker-two'])).toEqual([path]);
});

test('a file that is none of SQLite, or that a tool holds, is said and left alone', () => {
  writeFileSync(path, 'hello');
  expect(() => all()).toThrow(/cannot be read/);
  expect(readFileSync(path, 'utf8')).toBe('hello');
  expect(() => querySqlite(join(root, 'none.db'), 'select 1')).toThrow('is not there');
  rmSync(path);
  const writer = make();
  writer.exec('begin immediate');
  const change = { sql: "update t set token = ''", values: [] };
  expect(() => overwriteInSqlite(path, [change])).toThrow(/cannot be changed .*locked/);
  writer.exec('rollback');
  writer.close();
  expect(all()).toEqual(['marker-one', 'marker-two']);
}, 20_000);
