import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { acquireInstanceLock, readInstance } from '../../source/control/instance-lock.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { isRoot } from '../kit/needs.ts';

const fixture = new URL('fixture-lock.ts', import.meta.url).pathname;
const deadPid = 2 ** 22 + 5; // Above the largest number Linux and macOS give.
const token = 'ab'.repeat(32);
let home: string;
let lockFile: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ccr-lock-'));
  lockFile = join(home, 'instance.lock');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const acquire = (isAlive?: (pid: number) => boolean) =>
  acquireInstanceLock({
    lockFile,
    version: '1.0.0',
    now: asEpoch(Date.now()),
    pid: process.pid,
    ...(isAlive && { isAlive }),
  });

const holder = (fields: object): void => {
  const startedAt = new Date().toISOString();
  const socket = join(home, 'none.sock');
  const all = { pid: deadPid, token, socket, url: 'http://127.0.0.1:4180', version: '1.0.0', startedAt };
  writeFileSync(lockFile, JSON.stringify({ ...all, ...fields }));
};

type Starter = { child: ChildProcess; said: Promise<string> };

const start = (count: number): Starter[] => {
  const at = Date.now() + 700;
  return Array.from({ length: count }, () => {
    const child = spawn(process.execPath, [fixture, lockFile, String(at)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const said = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line));
    return { child, said };
  });
};

/** Several starters at once; the one that won, still holding the lock. */
const race = async (count: number): Promise<ChildProcess> => {
  const starters = start(count);
  const said = await Promise.all(starters.map((starter) => starter.said));
  expect([...said].sort()).toEqual([...Array.from({ length: count - 1 }, () => 'already_running'), 'won']);
  const winner = starters[said.indexOf('won')]!.child;
  const losers = starters.filter(({ child }) => child !== winner && child.exitCode === null);
  await Promise.all(losers.map(({ child }) => once(child, 'exit')));
  expect(JSON.parse(readFileSync(lockFile, 'utf8'))).toMatchObject({ pid: winner.pid });
  return winner;
};

const kill = async (child: ChildProcess): Promise<void> => {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
};

describe('one instance per home', () => {
  test('the holder is found by others once it listens, and no longer after the release', async () => {
    const lock = await acquire();
    expect(readInstance(lockFile)).toBeNull();
    lock.update({ socket: join(home, 'c.sock'), url: 'http://127.0.0.1:4180' });
    const found = readInstance(lockFile);
    expect(found).toMatchObject({
      pid: process.pid,
      socket: join(home, 'c.sock'),
      url: 'http://127.0.0.1:4180',
      version: '1.0.0',
    });
    expect(found?.token.reveal()).toBe(lock.token.reveal());
    expect(found?.token.reveal()).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(found)).not.toContain(lock.token.reveal());
    lock.release();
    expect(readdirSync(home)).toEqual([]);
    expect(readInstance(lockFile)).toBeNull();
  });

  test('a second start is refused in one line that names the first', async () => {
    const lock = await acquire();
    await expect(acquire()).rejects.toMatchObject({ code: 'already_running', exitCode: 75 });
    lock.update({ socket: join(home, 'c.sock'), url: 'http://127.0.0.1:4180' });
    const error: unknown = await acquire().catch((refused: unknown) => refused);
    expect(error).toMatchObject({ lines: [expect.stringContaining(`pid ${process.pid}`)] });
    expect(error).toMatchObject({ lines: [expect.stringContaining('http://127.0.0.1:4180')] });
    lock.release();
  });

  test(
    'of many real starters one wins, and the next after its kill -9, again and again',
    async () => {
      for (let round = 0; round < inRun(2, 100); round += 1) await kill(await race(inRun(8, 2)));
      const last = await race(8);
      expect(readdirSync(home)).toEqual(['instance.lock']);
      const exit = once(last, 'exit');
      last.stdin?.end();
      await exit;
      expect(existsSync(lockFile)).toBe(false);
    },
    inRun(20_000, 300_000),
  );

  test.each([0o000, 0o022, 0o077, 0o177])('the lock file is 0600 under umask %i', async (umask) => {
    const before = process.umask(umask);
    try {
      const lock = await acquire();
      expect(statSync(lockFile).mode & 0o777).toBe(0o600);
      lock.update({ url: 'http://127.0.0.1:1' });
      expect(statSync(lockFile).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });
});

describe('a lock left behind', () => {
  test('is taken over when its process is gone, with a token of its own', async () => {
    holder({});
    const lock = await acquire();
    expect(lock.token.reveal()).not.toBe(token);
    expect(readdirSync(home)).toEqual(['instance.lock']);
  });

  test('is taken over when its number now belongs to another process', async () => {
    holder({ pid: process.pid });
    await expect(acquire(() => true)).resolves.toBeDefined();
    holder({ pid: process.ppid, socket: null, born: 'another-boot:12345' });
    await expect(acquire()).resolves.toBeDefined();
  });

  test('is kept when something answers on its socket, whatever its number says', async () => {
    const server = createServer().listen(join(home, 'live.sock'));
    await once(server, 'listening');
    holder({ socket: join(home, 'live.sock') });
    await expect(acquire()).rejects.toMatchObject({ code: 'already_running' });
    server.close();
  });

  test('is kept while a start may still be under way, where births are unknown', async () => {
    holder({ pid: process.ppid, socket: null });
    await expect(acquire()).rejects.toMatchObject({ code: 'already_running' });
    holder({ pid: process.ppid, socket: null, startedAt: '2020-01-01T00:00:00.000Z' });
    await expect(acquire()).resolves.toBeDefined();
  });

  test.each(['', '{', '[]', 'null', '{"pid":-1}', '\u0000\u0001', '{"pid":1e99,"token":5}'])(
    'is taken over when it is garbage: %j, and nobody is found in it',
    async (garbage) => {
      writeFileSync(lockFile, garbage);
      execFileSync('touch', ['-d', '2020-01-01', lockFile]);
      expect(readInstance(lockFile)).toBeNull();
      await expect(acquire()).resolves.toBeDefined();
    },
  );

  test('is taken over behind any number of starters that died while they took it over', async () => {
    holder({});
    const starters = await Promise.all(start(1).map(async ({ child, said }) => [child, await said] as const));
    expect(starters[0]?.[1]).toBe('won');
    const stale = readFileSync(lockFile, 'utf8');
    await kill(starters[0]![0]);
    // The dead winner's file once more as its claim on itself: what a kill between claim and rename leaves.
    const { createHash } = await import('node:crypto');
    const mark = createHash('sha256')
      .update((JSON.parse(stale) as { token: string }).token)
      .digest('hex');
    const dead = { ...JSON.parse(stale), token: 'cd'.repeat(32) };
    writeFileSync(`${lockFile}.${mark.slice(0, 32)}.claim`, JSON.stringify(dead));
    const winner = await race(8);
    expect(readdirSync(home)).toEqual(['instance.lock']);
    await kill(winner);
  });

  test('an instance that lost its lock neither writes nor removes the one of its successor', async () => {
    const old = await acquire();
    rmSync(lockFile);
    const next = await acquire();
    expect(() => old.update({ url: 'http://127.0.0.1:1' })).toThrow('taken over');
    old.release();
    next.update({ url: 'http://127.0.0.1:2', socket: '/s' });
    expect(readInstance(lockFile)).toMatchObject({ url: 'http://127.0.0.1:2' });
  });
});

describe('something foreign at the path', () => {
  const outcome = async (): Promise<unknown> => {
    const code = await acquire().then(
      () => 'won',
      (error: { code: string }) => error.code,
    );
    return [code, readInstance(lockFile)];
  };
  const refused = ['failed', null];

  test('a symbolic link is refused and its target untouched', async () => {
    const target = join(home, 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, lockFile);
    expect(await outcome()).toEqual(refused);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    rmSync(lockFile);
    symlinkSync(join(home, 'missing'), lockFile);
    expect(await outcome()).toEqual(refused);
    expect(existsSync(join(home, 'missing'))).toBe(false);
  });

  test('a FIFO is refused without waiting for a writer', async () => {
    execFileSync('mkfifo', [lockFile]);
    expect(await outcome()).toEqual(refused);
  });

  // Only root can give a file to another user.
  test.runIf(isRoot())('a file of another user is refused', async () => {
    holder({});
    chownSync(lockFile, 65_534, 65_534);
    expect(await outcome()).toEqual(refused);
  });

  test('a home that others may write to is refused', async () => {
    execFileSync('chmod', ['777', home]);
    expect(await outcome()).toEqual(refused);
  });
});
