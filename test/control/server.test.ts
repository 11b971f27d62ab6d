import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectControl } from '../../source/control/client.ts';
import { startControlServer } from '../../source/control/server.ts';
import { Secret } from '../../source/shared/secret.ts';
import { createFeed, event, greeted, rawClient, serve, token } from './served.ts';
import { runningTime } from '../kit/running-time.ts';

const startAt = (socketPath: string) =>
  startControlServer({
    socketPath,
    token: new Secret(token),
    execute: async () => null,
    feed: createFeed(),
    snapshot: () => null,
    welcome: () => ({ version: '1.0.0', pid: 1, url: 'http://127.0.0.1:1' }),
  });

const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ccr-server-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'control.sock');
};

describe('the control socket', () => {
  test.each([0, 0o022, 0o077])('is 0600 under umask %i, and gone after the end', async (umask) => {
    const path = temporary();
    const before = process.umask(umask);
    const server = await startAt(path).finally(() => process.umask(before));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await server.close();
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test('of a killed process is replaced', async () => {
    const path = temporary();
    const program = `require('net').createServer().listen(process.argv[1], () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(startAt(path)).rejects.toMatchObject({ code: 'already_running' });
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(existsSync(path)).toBe(true);
    const server = await startAt(path);
    await server.close();
  });

  test('never replaces what is no socket', async () => {
    const path = temporary();
    writeFileSync(path, 'mine');
    await expect(startAt(path)).rejects.toMatchObject({ code: 'failed' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    rmSync(path);
    symlinkSync(join(path, '..', 'elsewhere'), path);
    await expect(startAt(path)).rejects.toMatchObject({ code: 'failed' });
  });

  test('in a folder that does not exist is one clear error', async () => {
    await expect(startAt(join(temporary(), 'no', 'control.sock'))).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('cannot listen on the control socket'),
    });
  });
});

test('at most 32 clients are let in, and one that leaves makes room', async () => {
  const { socketPath } = await serve();
  const clients = await Promise.all(Array.from({ length: 32 }, () => greeted(socketPath)));
  expect(await rawClient(socketPath).ended).toBe('');
  clients[0]!.socket.destroy();
  await expect
    .poll(() =>
      greeted(socketPath).then(
        () => 'in',
        () => 'out',
      ),
    )
    .toBe('in');
  for (const { socket } of clients) socket.destroy();
});

test('1,000 connections at once that show no token are all gone within the time for it, and the next one is let in', async () => {
  const { socketPath, instance } = await serve({ helloMs: 2000 });
  const busy = await greeted(socketPath);
  const before = process.memoryUsage().rss;
  const rude = [
    '',
    '{"hello":{"tok',
    `${JSON.stringify({ hello: { token: 'f'.repeat(64), protocol: 1 } })}\n`,
    Buffer.from([0, 255, 254, 10, 7]),
    'x'.repeat(64 * 1024),
  ];
  const clients = Array.from({ length: 1000 }, (_, n) => {
    const client = rawClient(socketPath);
    client.socket.write(rude[n % rude.length] ?? '');
    return client;
  });
  busy.send({ id: 1, command: { name: 'status', args: {} } });
  expect(await busy.next()).toMatchObject({ id: 1, result: { did: 'status' } });
  const answers = await Promise.all(clients.map(({ ended }) => ended));
  expect(answers.filter((answer) => answer !== '')).toEqual([]);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  const next = await connectControl(instance, { timeoutMs: 15_000 });
  expect(await next.run('status', {})).toEqual({ did: 'status' });
  next.close();
  busy.socket.destroy();
});

test.each([
  ['before the token was shown', false],
  ['after it', true],
])('a line of 10 MB is cut short %s, and costs others nothing', async (_, known) => {
  const { socketPath } = await serve();
  const other = await greeted(socketPath);
  const client = known ? await greeted(socketPath) : rawClient(socketPath);
  client.socket.end('x'.repeat(10_000_000));
  other.send({ id: 7, command: { name: 'status', args: {} } });
  expect(await other.next()).toMatchObject({ id: 7 });
  expect((await client.ended).includes('a line of more than 1 MiB')).toBe(known);
  other.socket.destroy();
});

test('a client that does not read 10 MB is cut, and telling the others takes no longer for it', async () => {
  const { socketPath, feed } = await serve();
  const asleep = await greeted(socketPath);
  asleep.send({ id: 1, subscribe: { after: null } });
  await asleep.next();
  asleep.socket.pause();
  const gone = once(asleep.socket, 'close');
  const text = 'x'.repeat(10_000);
  let slowest = 0;
  const now = runningTime();
  for (let n = 0; n < 1000; n += 1) {
    const started = now();
    feed.emit({ type: 'logged', at: event(0).at, level: 'info', text });
    slowest = Math.max(slowest, now() - started);
    await new Promise((resolve) => setImmediate(resolve));
  }
  asleep.socket.resume();
  await gone;
  expect((await asleep.ended).length).toBeLessThan(6 * 1024 * 1024);
  expect(slowest).toBeLessThan(1000);
});

describe('the end of the server', () => {
  test('comes after the answers that are under way, and ends every connection', async () => {
    let answer: (result: unknown) => void = () => undefined;
    const { server, socketPath, feed } = await serve({
      execute: () => new Promise((resolve) => (answer = resolve)),
    });
    const busy = await greeted(socketPath);
    const idle = await greeted(socketPath);
    busy.send({ id: 1, command: { name: 'stop', args: {} } });
    idle.send({ id: 1, subscribe: { after: null } });
    await idle.next();
    const closed = server.close();
    feed.emit(event(1));
    answer({ draining: 0 });
    await closed;
    expect(await busy.next()).toEqual({ goodbye: true });
    expect(await busy.next()).toEqual({ id: 1, result: { draining: 0 } });
    expect(await idle.ended).not.toContain('dropped');
    expect(feed.listeners.size).toBe(0);
  });

  test('does not wait for a command that never ends, nor for a client that never reads', async () => {
    const { server, socketPath } = await serve({ execute: () => new Promise(() => undefined) });
    const stuck = await greeted(socketPath);
    stuck.send({ id: 1, command: { name: 'status', args: {} } });
    const deaf = await greeted(socketPath);
    deaf.socket.pause();
    const started = performance.now();
    await server.close();
    expect(performance.now() - started).toBeLessThan(2000);
    deaf.socket.destroy();
  });
});
