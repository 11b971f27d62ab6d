import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { copyOf, openDatabase, pragma, removeOldCopies } from '../../source/history/database.ts';
import { migrations, schemaVersion } from '../../source/history/migrations.ts';
import { inRun } from '../kit/long-run.ts';
import { givenFile } from '../kit/given-file.ts';
import { pricedSample } from '../store/samples.ts';
import { readAll, withDatabase } from './rows.ts';

// Each was written by the last program of its version, with these three requests.
const fixtures = new URL('../fixtures/history/', import.meta.url).pathname;
const released = readdirSync(fixtures).filter((name) => name.endsWith('.sqlite'));
const written = [
  pricedSample(1),
  pricedSample(2, {
    session: 'a\0b \ud800',
    model: null,
    account: null,
    status: null,
    outcome: 'rejected',
    firstByteMs: null,
    costUsd: null,
    attempts: [],
    decision: null,
    error: 'no account',
  }),
  pricedSample(3, { outcome: 'truncated', mayHaveRunTwice: true, stream: false }),
];
/** What a version did not know yet is unknown. */
const unknownIn = { 1: { project: null, costKind: null, cacheSavedUsd: null } } as const;

const mebibyte = 1024 * 1024;
const dayMs = 86_400_000;
let home: string;
let file: string;
givenFile('history.sqlite', (path, folder) => {
  [file, home] = [path, folder];
});

const tablesOf = (path: string): unknown =>
  withDatabase(path, (database) =>
    database.prepare("select name, tbl_name from sqlite_master where type in ('table', 'index')").all(),
  );
const columnsOf = (path: string, table: string): unknown =>
  withDatabase(path, (database) =>
    database
      .prepare(`select name, type, "notnull", pk from pragma_table_info('${table}') order by name`)
      .all(),
  );

test('the version is the number of steps, and the first one has a file of its time', () => {
  expect(schemaVersion).toBe(migrations.length);
  expect(released).toContain('version-1.sqlite');
});

test.each(released)('%s is read as it is before an instance has opened it', (name) => {
  const version = Number(/\d+/.exec(name)?.[0]) as keyof typeof unknownIn;
  copyFileSync(join(fixtures, name), file);
  const before = readFileSync(file);
  expect(readAll(file)).toEqual(written.map((row) => ({ ...row, ...unknownIn[version] })));
  expect(readFileSync(file)).toEqual(before);
});

test.each(released)(
  '%s, of a program before this one, becomes what a new file is, with all its rows',
  (name) => {
    const version = Number(/\d+/.exec(name)?.[0]) as keyof typeof unknownIn;
    copyFileSync(join(fixtures, name), file);
    expect(withDatabase(file, (database) => pragma(database, 'user_version'))).toBe(version);
    openDatabase(file, 1024 * 1024).close();
    expect(withDatabase(file, (database) => pragma(database, 'user_version'))).toBe(schemaVersion);
    expect(readAll(file)).toEqual(written.map((row) => ({ ...row, ...unknownIn[version] })));
    const fresh = join(home, 'new.sqlite');
    openDatabase(fresh, 1024 * 1024).close();
    expect(tablesOf(file)).toEqual(tablesOf(fresh));
    for (const table of ['requests', 'limit_snapshots']) {
      expect(columnsOf(file, table)).toEqual(columnsOf(fresh, table));
    }
  },
);

test.each(migrations.slice(1).map((_, n) => n + 1))(
  'tables of version %d become what a new file has, with all rows, and no sums from before savings were counted',
  (version) => {
    copyFileSync(join(fixtures, 'version-1.sqlite'), file);
    withDatabase(file, (database) => {
      for (const step of migrations.slice(1, version)) database.exec(step);
      database.exec(`pragma user_version = ${version}`);
      if (version >= 4) {
        database.exec(
          `insert into rollup_hours values (1, 1); insert into rollups values (1, 'all', 'of then')`,
        );
      }
    });
    openDatabase(file, mebibyte).close();
    expect(readAll(file)).toEqual(written.map((row) => ({ ...row, ...unknownIn[1] })));
    const sums = withDatabase(file, (database) =>
      ['rollups', 'rollup_hours'].map((table) => database.prepare(`select * from ${table}`).all().length),
    );
    expect(sums).toEqual(version === 5 ? [1, 1] : [0, 0]);
    const fresh = join(home, 'new.sqlite');
    openDatabase(fresh, mebibyte).close();
    expect(tablesOf(file)).toEqual(tablesOf(fresh));
    for (const table of ['requests', 'limit_snapshots', 'rollups', 'captures']) {
      expect(columnsOf(file, table)).toEqual(columnsOf(fresh, table));
    }
    expect(existsSync(copyOf(file, version))).toBe(true);
  },
);

describe('before the tables of an older version change', () => {
  const copy = (): string => copyOf(file, 1);
  const big = 4000;

  /** A history of the first version, with so many more rows. */
  const olderHistory = (rows: number): void => {
    copyFileSync(join(fixtures, 'version-1.sqlite'), file);
    withDatabase(file, (database) => {
      database.exec('begin');
      const insert = database.prepare(
        "insert into requests (id, at, path, decision) values (?, ?, 'x', hex(randomblob(300)))",
      );
      for (let n = 0; n < rows; n += 1) insert.run(`more-${n}`, 1_795_000_000_100 + n);
      database.exec('commit');
    });
  };
  const countIn = (path: string): unknown =>
    withDatabase(
      path,
      (database) => database.prepare('select count(*) as count from requests').get()?.['count'],
    );

  test('a copy is kept that the older version can go on with, for its owner alone', () => {
    olderHistory(5);
    openDatabase(file, mebibyte).close();
    expect(withDatabase(copy(), (database) => pragma(database, 'user_version'))).toBe(1);
    expect(countIn(copy())).toBe(8);
    expect(columnsOf(copy(), 'requests')).not.toEqual(columnsOf(file, 'requests'));
    expect(process.platform === 'win32' ? 0 : statSync(copy()).mode & 0o077).toBe(0);
    expect(readdirSync(home).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('nothing changes when the copy cannot be kept', () => {
    olderHistory(0);
    mkdirSync(copy());
    expect(() => openDatabase(file, mebibyte)).toThrow('EISDIR');
    expect(withDatabase(file, (database) => pragma(database, 'user_version'))).toBe(1);
    expect(countIn(file)).toBe(3);
    expect(existsSync(`${copy()}.part`)).toBe(false);
  });

  test('a step that fails in its middle leaves the tables and their version as they were', () => {
    olderHistory(0);
    withDatabase(file, (database) => database.exec('create table limit_snapshots (other)'));
    const before = columnsOf(file, 'requests');
    expect(() => openDatabase(file, mebibyte)).toThrow('limit_snapshots already exists');
    expect(columnsOf(file, 'requests')).toEqual(before);
    expect(withDatabase(file, (database) => pragma(database, 'user_version'))).toBe(1);
  });

  test('copies are removed after a week, or with the requests of their time', () => {
    const now = Date.now();
    writeFileSync(copy(), 'x');
    removeOldCopies(file, now + 6 * dayMs, 30);
    expect(existsSync(copy())).toBe(true);
    removeOldCopies(file, now + 6 * dayMs, 5);
    expect(existsSync(copy())).toBe(false);
    writeFileSync(copy(), 'x');
    removeOldCopies(file, now + 8 * dayMs, 30);
    expect(existsSync(copy())).toBe(false);
  });

  test(
    'a kill at any moment loses nothing: the next start ends what was begun',
    { timeout: 120_000 },
    async () => {
      const program = `
      const { openDatabase } = await import(${JSON.stringify(new URL('../../source/history/database.ts', import.meta.url).href)});
      process.stdout.write('begins');
      openDatabase(process.argv[1], 1024 * 1024).close();`;
      for (let round = 0; round < inRun(3, 60); round += 1) {
        for (const name of readdirSync(home)) rmSync(join(home, name));
        olderHistory(big);
        const child = spawn(process.execPath, ['--input-type=module', '-e', program, file], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const ended = once(child, 'exit');
        await once(child.stdout, 'data');
        await setTimeout((round * 7) % 40);
        child.kill('SIGKILL');
        await ended;
        expect(withDatabase(file, (database) => database.prepare('pragma integrity_check').get())).toEqual({
          integrity_check: 'ok',
        });
        expect(countIn(file)).toBe(big + 3);
        // Once there is a copy, it is a whole one.
        expect(existsSync(copy()) ? countIn(copy()) : big + 3).toBe(big + 3);
        openDatabase(file, mebibyte).close();
        expect(withDatabase(file, (database) => pragma(database, 'user_version'))).toBe(schemaVersion);
        expect([countIn(file), countIn(copy())]).toEqual([big + 3, big + 3]);
      }
    },
  );
});
