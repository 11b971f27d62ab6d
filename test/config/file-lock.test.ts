import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { createFileLock } from '../../source/config/file-lock.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-lock-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const source = pathToFileURL(resolve(import.meta.dirname, '../../source/config/file-lock.ts')).href;

const child = (body: string) =>
  spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { createFileLock } = await import(${JSON.stringify(source)}); ${body}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );

/** The time by which locks are waited for, and what happens in the moment of each try. */
const beforeTries = (act: (number: number) => void): { now: number } => {
  const time = { now: 0 };
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => time.now);
  const { mkdir } = fs;
  let tries = 0;
  const making = vi.spyOn(fs, 'mkdir').mockImplementation((...given: Parameters<typeof mkdir>) => {
    act((tries += 1));
    mkdir(...given);
  });
  onTestFinished(() => {
    for (const spy of [clock, making]) spy.mockRestore();
  });
  return time;
};

test('calls of one lock run one after the other, in order, and a failure does not stop the next', async () => {
  const lock = createFileLock(join(root, 'order.lock'));
  const seen: string[] = [];
  const runs = ['a', 'b', 'c'].map((name) =>
    lock.run(async () => {
      seen.push(`+${name}`);
      await Promise.resolve();
      seen.push(`-${name}`);
      if (name === 'b') throw new Error('b failed');
      return name;
    }),
  );
  expect((await Promise.allSettled(runs)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(seen).toEqual(['+a', '-a', '+b', '-b', '+c', '-c']);
  expect(existsSync(join(root, 'order.lock'))).toBe(false);
});

test('two processes never are inside at the same time', async () => {
  const file = join(root, 'counter');
  writeFileSync(file, '0');
  const body = `
    const { readFileSync, writeFileSync } = await import('node:fs');
    // Neither loses its lock when a busy machine leaves both of them waiting for seconds.
    const lock = createFileLock(${JSON.stringify(join(root, 'counter.lock'))}, { staleMs: 15_000 });
    for (let n = 0; n < 60; n += 1) await lock.run(async () => {
      const value = Number(readFileSync(${JSON.stringify(file)}, 'utf8'));
      await new Promise((done) => setImmediate(done));
      writeFileSync(${JSON.stringify(file)}, String(value + 1));
    });`;
  const codes = await Promise.all(
    [child(body), child(body)].map(async (process) => (await once(process, 'exit'))[0]),
  );
  expect(codes).toEqual([0, 0]);
  expect(readFileSync(file, 'utf8')).toBe('120');
});

test('a lock that lives is waited for, then refused as something to try again', async () => {
  const path = join(root, 'held.lock');
  const holder = child(
    `process.umask(0); await createFileLock(${JSON.stringify(path)}).run(() => { console.log('held'); return new Promise((done) => setTimeout(done, 60_000)); });`,
  );
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  expect(statSync(path).mode & 0o777).toBe(0o700);
  const started = performance.now();
  await expect(createFileLock(path).run(() => 'in')).rejects.toMatchObject({
    code: 'locked',
    exitCode: 75,
    message: 'another process is writing held',
  });
  expect(performance.now() - started).toBeGreaterThan(3000);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  // What a killed holder leaves behind does not need a person.
  await expect(createFileLock(path).run(() => 'in')).resolves.toBe('in');
  expect(existsSync(path)).toBe(false);
});

test('a try that took until the end of the time is not the last one', async () => {
  const path = join(root, 'late.lock');
  mkdirSync(path);
  const time = beforeTries((number) => {
    if (number === 2) time.now = 20_000;
    if (number === 3) rmSync(path, { recursive: true });
  });
  await expect(createFileLock(path).run(() => 'in')).resolves.toBe('in');
});

/** Another holder in the place of the one before, without a moment in between. */
const handOn = (path: string): void => {
  mkdirSync(`${path}.next`);
  renameSync(`${path}.next`, path);
};

test('who waits while others come and go is patient with each of them', async () => {
  const path = join(root, 'busy.lock');
  mkdirSync(path);
  const time = beforeTries((number) => {
    time.now += 3000;
    if (number < 9) handOn(path);
    else rmSync(path, { recursive: true });
  });
  await expect(createFileLock(path).run(() => 'in')).resolves.toBe('in');
});

test('who waits while others come and go without an end is refused in the end', async () => {
  const path = join(root, 'endless.lock');
  mkdirSync(path);
  const time = beforeTries(() => {
    time.now += 3000;
    handOn(path);
  });
  await expect(createFileLock(path).run(() => 'in')).rejects.toMatchObject({ code: 'locked' });
  expect(time.now).toBeGreaterThan(35_000);
  expect(time.now).toBeLessThan(45_000);
});

test('an old lock is taken over at once', async () => {
  const path = join(root, 'old.lock');
  mkdirSync(path);
  utimesSync(path, new Date(0), new Date(0));
  await expect(createFileLock(path).run(() => 'in')).resolves.toBe('in');
});

test('something else in the place of the lock, or no folder, is said and left alone', async () => {
  const path = join(root, 'file.lock');
  writeFileSync(path, 'precious');
  utimesSync(path, new Date(0), new Date(0));
  await expect(createFileLock(path).run(() => 'in')).rejects.toMatchObject({
    code: 'locked',
    hint: 'move it away',
  });
  expect(readFileSync(path, 'utf8')).toBe('precious');
  await expect(createFileLock(join(root, 'none', 'x.lock')).run(() => 'in')).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining('(ENOENT)'),
  });
});
