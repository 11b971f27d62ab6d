import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { cpuMs } from '../benchmark/process-cpu.ts';
import { inRun } from '../kit/long-run.ts';
import { programEnvironment, programFile } from '../kit/program-environment.ts';
import { connectRaw, exchange, requestBytes } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';
import { isLinux, mayMount, needs } from '../kit/needs.ts';

const world = useWorld();
const mayLimit = needs('prlimit', spawnSync('prlimit', ['--version']).status === 0);

const messageBytes = (port: number, text: string): Buffer => {
  const headers = { host: `127.0.0.1:${port}`, 'content-type': 'application/json' };
  return requestBytes('POST', '/v1/messages', headers, JSON.stringify(ask(text)));
};

const statusOf = async (connection: RawConnection, bytes: Buffer): Promise<string> => {
  await connection.send(bytes);
  return (await connection.message()).startLine.slice(9, 12);
};

/** Lets a running process open so many more files. */
const leaveDescriptors = (pid: number, count: number): void => {
  const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let limit = 0;
  for (let free = 0; free < count; limit += 1) free += taken.has(limit) ? 0 : 1;
  spawnSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:${limit}`]);
};

describe('no descriptors left', () => {
  // Needs prlimit, which changes what a running process may open.
  it.runIf(mayLimit)(
    'new connections are refused, open ones are served, and afterwards all is as before within a second',
    async () => {
      const upstream = await world.provider({ work: unlimited });
      await world.add('work', upstream);
      const { port, pid, program } = await world.serve();
      const kept = await connectRaw(port);
      expect(await statusOf(kept, messageBytes(port, 'before'))).toBe('200');
      // The history is opened in its own time, and needs descriptors of its own.
      await until(
        () => world.json(['history']),
        (rows) => rows.length === 1,
      );
      // Room for a few connections more, which a crowd uses up.
      leaveDescriptors(pid, 6);
      const crowd: RawConnection[] = [];
      const refused = await until(
        async () => {
          const connection = await connectRaw(port);
          crowd.push(connection);
          return statusOf(connection, messageBytes(port, 'one of many')).catch(() => 'none');
        },
        (status) => status === 'none',
      );
      expect([refused, crowd.length < 40]).toEqual(['none', true]);

      const before = cpuMs(pid);
      const started = performance.now();
      const waiting = await Promise.all(Array.from({ length: 20 }, () => connectRaw(port)));
      expect(await statusOf(kept, messageBytes(port, 'meanwhile'))).toBe('200');
      expect(await Promise.all(waiting.map(({ closed, end }) => (end(), closed)))).not.toContain('none');
      await new Promise((resolve) => setTimeout(resolve, 300));
      // It does not turn in circles over connections that it cannot take.
      expect((cpuMs(pid) - before) / (performance.now() - started)).toBeLessThan(0.7);

      for (const { socket } of crowd) socket.destroy();
      const again = performance.now();
      let looks = 0;
      await until(
        () => {
          looks += 1;
          return exchange(port, messageBytes(port, 'after')).then(
            ({ status }) => status,
            () => null,
          );
        },
        (status) => status === 200,
      );
      // A second of them, 20 ms apart: what the machine does meanwhile is not the program's.
      expect(looks).toBeLessThanOrEqual(50);
      // None of them waited for the first limit that ends what may be in the way, ten seconds for the head of a request.
      expect(performance.now() - again).toBeLessThan(5000);
      kept.socket.destroy();
      program.signal('SIGTERM');
      expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    },
  );
});

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** The program with its home on a disk of 4 MB of its own, which no other process sees but through `/proc`. */
const startOnSmallDisk = async () => {
  const script = `d=$(mktemp -d) && cp -a "$HOME/." "$d" && mount -t tmpfs -o size=4m,mode=700 tmpfs "$HOME" &&
    cp -a "$d/." "$HOME" && rm -r "$d" && exec "$@"`;
  const program = [process.execPath, programFile, '--plain', '--port', '0'];
  const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', ...program], {
    env: programEnvironment(world.home, world.env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const heard = (text: string): Promise<string | undefined> =>
    until(
      () => lines.find((line) => line.includes(text)),
      (line) => line !== undefined,
      // The pauses between the tries of a history that is off are doubled.
      60_000,
    );
  const url = /http:\S+/.exec((await heard('listening')) ?? '')?.[0] ?? '';
  return { child, url, heard, disk: `/proc/${child.pid}/root${world.home}` };
};

describe('a disk that takes nothing more', () => {
  // Needs a disk of its own that can be filled: root, and a kernel that lets it mount.
  it.runIf(mayMount())(
    inRun('full', 'full, and then read-only') +
      ': requests go on, the history says that it is off, and has them all when there is room again',
    { timeout: 180_000 },
    async () => {
      const upstream = await world.provider({ work: unlimited });
      await world.add('work', upstream);
      const { child, url, disk, heard } = await startOnSmallDisk();
      let asked = 0;
      const request = async (): Promise<void> => {
        asked += 1;
        const { response } = await sdkFor(url)
          .messages.create(ask(`request ${asked}`))
          .withResponse();
        expect(response.status).toBe(200);
      };
      await request();
      const full = spawnSync('dd', ['if=/dev/zero', `of=${disk}/filler`, 'bs=4k']);
      expect(String(full.stderr)).toContain('No space left');
      for (let n = 0; n < 20; n += 1) await request();
      await heard('the history is off: history.sqlite: the disk is full');
      await request();
      if (inRun(false, true)) {
        const remount = (how: string) =>
          spawnSync('nsenter', ['-t', String(child.pid), '-m', 'mount', '-o', `remount,${how}`, world.home]);
        remount('ro');
        await heard('the history is off: history.sqlite: it is read-only');
        await request();
        remount('rw');
      }
      rmSync(`${disk}/filler`);
      await heard('the history is written again');
      await request();
      const nsenter = ['-t', String(child.pid), '-m', process.execPath, programFile, 'history', '--json'];
      const rows = await until(
        () =>
          String(
            spawnSync('nsenter', nsenter, { env: programEnvironment(world.home, world.env) }).stdout,
          ).split('\n').length - 1,
        (count) => count >= asked,
      );
      expect(rows).toBe(asked);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );
});

// It reads /proc, and waiting is all it does: for the long run.
describe.runIf(inRun(() => false, isLinux)())('the longest limits there are', () => {
  it('end nothing early, and waiting for them costs next to no time of the processor', async () => {
    const day = String(86_400_000);
    const timeouts = ['connectMs', 'firstByteMs', 'idleMs', 'clientBodyMs', 'clientHeadersMs'];
    for (const key of ['drainMs', ...timeouts.map((name) => `timeouts.${name}`)]) {
      expect(await world.run(['config', 'set', key, day])).toMatchObject({ code: 0 });
    }
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url, pid, program } = await world.serve();
    const release = upstream.fail({ fault: 'stall-mid-body' });
    const stream = sdkFor(url).messages.stream(ask('long'));
    const ended = stream.finalMessage();
    await new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve()));
    program.signal('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const before = cpuMs(pid);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect((cpuMs(pid) - before) / 5000).toBeLessThan(0.02);
    release();
    expect(await ended).toMatchObject({ type: 'message' });
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
  });
});
