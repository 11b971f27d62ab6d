import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  claudeCodeManners,
  withFolderLocks,
  type LockManners,
} from '../../source/credentials/folder-lock.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { temporaryFolders } from '../kit/temporary-folders.ts';

const newFolder = temporaryFolders('folder-lock');
let folder = '';
beforeEach(() => {
  folder = newFolder();
});

const quick: LockManners = { staleMs: 60_000, renewMs: 5_000, tries: 3, waitMs: [1, 2] };
const lock = (name: string): string => join(folder, name);
const run = <T>(names: readonly string[], work: () => Promise<T>, manners: LockManners = quick): Promise<T> =>
  withFolderLocks(names.map(lock), { manners, clock: systemClock }, work);
const age = (name: string, ms: number): void => {
  const seconds = (Date.now() - ms) / 1000;
  utimesSync(lock(name), seconds, seconds);
};
const there = (): string[] => readdirSync(folder).toSorted();

describe('locks that are folders', () => {
  test('are those of Claude Code: abandoned after 60 s, renewed every 5 s, 5 tries 1 to 2 s apart', () => {
    expect(claudeCodeManners).toEqual({
      staleMs: 60_000,
      renewMs: 5_000,
      tries: 5,
      waitMs: [1_000, 2_000],
    });
  });

  test('are all there while the work is done, and gone after it, also after a failure', async () => {
    expect(await run(['a', 'b'], async () => there())).toEqual(['a', 'b']);
    expect(there()).toEqual([]);
    const failing = run(['a', 'b'], () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(there()).toEqual([]);
  });

  test('one that is held refuses after the tries, names itself, and leaves the others free', async () => {
    mkdirSync(lock('b'));
    let waits = 0;
    const random = (): number => (waits += 1) / 1e9;
    const asked = withFolderLocks(
      [lock('a'), lock('b')],
      { manners: quick, clock: systemClock, random },
      async () => 'in',
    );
    await expect(asked).rejects.toMatchObject({ code: 'locked', message: expect.stringContaining('/b') });
    expect(waits).toBe(quick.tries - 1);
    expect(there()).toEqual(['b']);
  });

  test.each([59_000, 1_000, 0, -1_000])('one renewed %d ms ago is never taken', async (ms) => {
    mkdirSync(lock('a'));
    // The time stands still: a busy machine takes a second between two lines, and then it is one of 60 s ago.
    const now = systemClock.now();
    utimesSync(lock('a'), (now - ms) / 1000, (now - ms) / 1000);
    const { ino } = statSync(lock('a'));
    const asked = withFolderLocks(
      [lock('a')],
      { manners: quick, clock: { now: () => now } },
      async () => 'in',
    );
    await expect(asked).rejects.toMatchObject({ code: 'locked' });
    expect(statSync(lock('a')).ino).toBe(ino);
  });

  test('one that nobody renewed for 60 s is taken over', async () => {
    mkdirSync(lock('a'));
    age('a', 61_000);
    expect(await run(['a'], async () => 'in')).toBe('in');
    expect(there()).toEqual([]);
  });

  test('one that comes alive in the moment it is moved aside goes back', async () => {
    mkdirSync(lock('a'));
    age('a', 61_000);
    const { renameSync } = fs;
    onTestFinished(() => {
      fs.renameSync = renameSync;
      syncBuiltinESMExports();
    });
    fs.renameSync = (from, to) => {
      // The inode stays: its holder has renewed it, or the next one has got the number of the last.
      if (from === lock('a')) age('a', 0);
      renameSync(from, to);
    };
    syncBuiltinESMExports();
    await expect(run(['a'], async () => 'in')).rejects.toMatchObject({ code: 'locked' });
    expect(there()).toEqual(['a']);
  });

  test('one that another process of ours is about to take away is left to it, unless that was killed', async () => {
    mkdirSync(lock('a'));
    age('a', 61_000);
    const { ino, mtimeMs } = statSync(lock('a'));
    const claim = `a.stale-${ino}-${mtimeMs}`;
    mkdirSync(lock(claim));
    await expect(run(['a'], async () => 'in')).rejects.toMatchObject({ code: 'locked' });
    expect(there()).toEqual(['a', claim]);
    age(claim, 61_000);
    expect(await run(['a'], async () => 'in')).toBe('in');
    expect(there()).toEqual([]);
  });

  test('one that is gone as soon as it was made is made again', async () => {
    const { mkdirSync: make } = fs;
    onTestFinished(() => {
      fs.mkdirSync = make;
      syncBuiltinESMExports();
    });
    let isTaken = false;
    fs.mkdirSync = (...given: Parameters<typeof make>) => {
      const made = make(...given);
      if (!isTaken) rmSync(lock('a'), { recursive: true });
      isTaken = true;
      return made;
    };
    syncBuiltinESMExports();
    expect(await run(['a'], async () => 'in')).toBe('in');
    expect(there()).toEqual([]);
  });

  test('is renewed while the work takes its time', async () => {
    const work = async (): Promise<boolean> => {
      const first = statSync(lock('a')).mtimeMs;
      while (statSync(lock('a')).mtimeMs === first) await delay(5);
      return statSync(lock('a')).mtimeMs > first;
    };
    expect(await run(['a'], work, { ...quick, renewMs: 10 })).toBe(true);
    expect(there()).toEqual([]);
  });

  test('one that another process took meanwhile stays that process’s: neither renewed nor removed', async () => {
    const work = async (): Promise<number> => {
      rmSync(lock('a'), { recursive: true });
      mkdirSync(lock('a'));
      age('a', 10);
      const theirs = statSync(lock('a')).mtimeMs;
      await delay(30);
      return statSync(lock('a')).mtimeMs - theirs;
    };
    expect(await run(['a'], work, { ...quick, renewMs: 5 })).toBe(0);
    expect(there()).toEqual(['a']);
  });

  test('one that cannot be made is said, not passed over', async () => {
    await expect(run(['missing/a'], async () => 'in')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('ENOENT'),
    });
    writeFileSync(lock('file'), '');
    await expect(run(['a', 'file'], async () => 'in')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('a file is in its place'),
    });
    expect(there()).toEqual(['file']);
  });

  test('of eight processes that find an abandoned one at once, one is inside at a time', async () => {
    mkdirSync(lock('a'));
    age('a', 61_000);
    const source = (path: string): string =>
      pathToFileURL(resolve(import.meta.dirname, '../../source', path)).href;
    const body = `
      const { withFolderLocks } = await import(${JSON.stringify(source('credentials/folder-lock.ts'))});
      const { appendFileSync } = await import('node:fs');
      const note = (text) => appendFileSync(${JSON.stringify(lock('log'))}, text + process.pid + '\\n');
      const manners = { staleMs: 60000, renewMs: 5000, tries: 20000, waitMs: [1, 5] };
      await withFolderLocks([${JSON.stringify(lock('a'))}], { manners, clock: { now: Date.now } }, async () => {
        note('+');
        await new Promise((resolve) => setTimeout(resolve, 5));
        note('-');
      });`;
    const children = Array.from({ length: 8 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', body], { stdio: 'inherit' }),
    );
    const ends = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(ends.map(([code]) => code as number)).toEqual(Array.from({ length: 8 }, () => 0));
    const lines = readFileSync(lock('log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(16);
    for (let at = 0; at < lines.length; at += 2) {
      expect(lines[at]).toMatch(/^\+/);
      expect(lines[at + 1]).toBe(lines[at]?.replace('+', '-'));
    }
    expect(existsSync(lock('a'))).toBe(false);
  });
});
