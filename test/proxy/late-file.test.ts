import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLateFile, readLateFile } from '../../source/proxy/late-file.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());
const path = (): string => join(home.path, 'late.json');

test('nothing is written before something has changed', async () => {
  const file = openLateFile(path(), () => 'text');
  await file.close();
  expect(existsSync(path())).toBe(false);
});

test('what has changed is written before long, once for many changes, for its owner alone', async () => {
  let asked = 0;
  const file = openLateFile(path(), () => `text ${(asked += 1)}`, 20);
  for (let n = 0; n < 50; n += 1) file.changed();
  await expect.poll(() => existsSync(path())).toBe(true);
  expect(readFileSync(path(), 'utf8')).toBe('text 1');
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  file.changed();
  await expect.poll(() => readFileSync(path(), 'utf8')).toBe('text 2');
});

test('its end writes what is left, behind a write that is under way', async () => {
  let content = 'first';
  const file = openLateFile(path(), () => content, 60_000);
  file.changed();
  const first = file.close();
  content = 'second';
  file.changed();
  await Promise.all([first, file.close()]);
  expect(readFileSync(path(), 'utf8')).toBe('second');
  expect(readdirSync(home.path)).toEqual(['late.json']);
});

test('a disk that does not take it is no error', async () => {
  const file = openLateFile(join(home.path, 'no', 'folder'), () => 'text');
  file.changed();
  await expect(file.close()).resolves.toBeUndefined();
});

test('it says what was written, and nothing where it is none of ours', async () => {
  expect(readLateFile(path())).toBeNull();
  writeFileSync(path(), '{"a":1}');
  expect(readLateFile(path())).toEqual({ a: 1 });
  renameSync(path(), join(home.path, 'theirs'));
  symlinkSync(join(home.path, 'theirs'), path());
  expect(readLateFile(path())).toBeNull();
  rmSync(path());
  execFileSync('mkfifo', [path()]);
  expect(readLateFile(path())).toBeNull();
});

test('what stands in the way of a write is neither written through nor waited for', async () => {
  const theirs = join(home.path, 'theirs');
  writeFileSync(theirs, 'theirs');
  const put: Record<string, (at: string) => unknown> = {
    link: (at) => symlinkSync(theirs, at),
    fifo: (at) => execFileSync('mkfifo', [at]),
    leftover: (at) => writeFileSync(at, 'much longer than what comes', { mode: 0o644 }),
  };
  for (const [name, there] of Object.entries(put)) {
    there(`${path()}.tmp`);
    const file = openLateFile(path(), () => name);
    file.changed();
    await file.close();
    expect([readFileSync(path(), 'utf8'), statSync(path()).mode & 0o777]).toEqual([name, 0o600]);
    expect(readFileSync(theirs, 'utf8')).toBe('theirs');
  }
});
