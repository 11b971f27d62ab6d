import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { moveAside, openDatabase, pragma, walBytes } from '../../source/history/database.ts';
import { schemaVersion } from '../../source/history/migrations.ts';
import { givenFile } from '../kit/given-file.ts';
import { withDatabase } from './rows.ts';
import { isPosix } from '../kit/needs.ts';

const mebibyte = 1024 * 1024;
let home: string;
let file: string;
givenFile('history.sqlite', (path, folder) => {
  [file, home] = [path, folder];
});

const modes = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(home).map((name) => [name, (statSync(join(home, name)).mode & 0o777).toString(8)]),
  );

describe('opening', () => {
  test('makes a file of the newest version that keeps a log and gives pages back', () => {
    const database = openDatabase(file, 256 * mebibyte);
    expect(pragma(database, 'user_version')).toBe(schemaVersion);
    expect(database.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(pragma(database, 'synchronous')).toBe(1);
    expect(pragma(database, 'auto_vacuum')).toBe(2);
    expect(pragma(database, 'wal_autocheckpoint')).toBe(1024);
    database.close();
    openDatabase(file, 256 * mebibyte).close();
  });

  // Windows has no file modes.
  test.runIf(isPosix()).each([0o000, 0o022, 0o077, 0o777])(
    'leaves no file that others may read, under the umask %o',
    (umask) => {
      const before = process.umask(umask);
      try {
        const database = openDatabase(file, mebibyte);
        expect(modes()).toEqual({
          'history.sqlite': '600',
          'history.sqlite-shm': '600',
          'history.sqlite-wal': '600',
        });
        database.close();
      } finally {
        process.umask(before);
      }
    },
  );

  // Windows has no file modes.
  test.runIf(isPosix())('closes a file and a log that stood open to others', () => {
    const database = openDatabase(file, mebibyte);
    for (const name of readdirSync(home)) chmodSync(join(home, name), 0o644);
    openDatabase(file, mebibyte).close();
    expect(new Set(Object.values(modes()))).toEqual(new Set(['600']));
    database.close();
  });

  test('makes the folder when it is missing, for its owner only', () => {
    openDatabase(join(home, 'deep', 'history.sqlite'), mebibyte).close();
    expect(statSync(join(home, 'deep')).mode & 0o077).toBe(0);
  });

  test('refuses a file of a newer version and leaves it as it is', () => {
    openDatabase(file, mebibyte).close();
    withDatabase(file, (database) => database.exec('pragma user_version = 99'));
    const before = readFileSync(file);
    expect(() => openDatabase(file, mebibyte)).toThrow('newer version');
    expect(readFileSync(file)).toEqual(before);
  });

  // Windows has no FIFOs, and links only for those who may make them.
  test.runIf(isPosix()).each(['history.sqlite', 'history.sqlite-wal', 'history.sqlite-shm'])(
    'refuses a link or a FIFO in the place of %s, and neither follows it nor waits',
    (name) => {
      openDatabase(file, mebibyte).close();
      const [path, theirs] = [join(home, name), join(home, 'theirs')];
      writeFileSync(theirs, '', { mode: 0o644 });
      rmSync(path, { force: true });
      symlinkSync(theirs, path);
      expect(() => openDatabase(file, mebibyte)).toThrow(`a symbolic link is in the place of ${name}`);
      expect([readFileSync(theirs, 'utf8'), statSync(theirs).mode & 0o777]).toEqual(['', 0o644]);
      rmSync(path);
      execFileSync('mkfifo', [path]);
      expect(() => openDatabase(file, mebibyte)).toThrow(`no regular file is in the place of ${name}`);
    },
  );

  test('a step that fails leaves the version as it was', () => {
    withDatabase(file, (database) => database.exec('create table requests (other)'));
    expect(() => openDatabase(file, mebibyte)).toThrow('requests already exists');
    expect(withDatabase(file, (database) => pragma(database, 'user_version'))).toBe(0);
  });
});

test('the log may take a sixteenth of the whole, within bounds', () => {
  expect([1, 16, 32, 256].map((size) => walBytes(size * mebibyte) / mebibyte)).toEqual([0.25, 1, 2, 4]);
});

describe('moving a damaged file aside', () => {
  const now = new Date(Date.UTC(2026, 10, 22, 4, 30, 5));

  test('keeps its bytes under a name that tells the time, and its log with it', () => {
    for (const suffix of ['', '-wal', '-shm']) writeFileSync(file + suffix, `bytes${suffix}`);
    const broken = moveAside(file, now);
    expect(broken).toBe(`${file}.broken-2026-11-22T043005.000Z`);
    expect(readdirSync(home)).toHaveLength(3);
    for (const suffix of ['', '-wal', '-shm']) {
      expect(readFileSync(broken + suffix, 'utf8')).toBe(`bytes${suffix}`);
    }
  });

  test('works without a log', () => {
    writeFileSync(file, 'bytes');
    moveAside(file, now);
    expect(existsSync(file)).toBe(false);
  });
});
