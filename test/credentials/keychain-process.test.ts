import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeychainAnswer, KeychainRequest } from '../../source/credentials/keychain-calls.ts';

const program = resolve(import.meta.dirname, '../../source/credentials/keychain-process.ts');
const folder = mkdtempSync(join(tmpdir(), 'ccr-process-'));

let bus: Server;
beforeAll(async () => {
  bus = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((done) => bus.listen(join(folder, 'bus'), done));
});
afterAll(() => {
  bus.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (bus: string) =>
  spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus },
  });

const request: KeychainRequest = { id: 1, call: 'get', service: 'ccr-tui-test', account: 'account/a' };

test('answers with the words of the native library when there is no bus', async () => {
  const child = start('unix:path=/nonexistent/bus');
  child.send(request);
  const [answer] = (await once(child, 'message')) as [KeychainAnswer];
  expect(answer).toMatchObject({ id: 1, ok: false, loaded: true, message: expect.stringMatching(/./) });
  child.kill('SIGKILL');
});

test('survives Ctrl-C, and ends with the process it works for even while a call hangs', async () => {
  const child = start(`unix:path=${join(folder, 'bus')}`);
  const connected = once(bus, 'connection');
  child.send(request);
  await connected;
  child.kill('SIGINT');
  child.kill('SIGHUP');
  child.send({ ...request, id: 2 });
  expect(child.exitCode).toBeNull();
  const exit = once(child, 'exit');
  child.disconnect();
  expect(await exit).toEqual([null, 'SIGKILL']);
});
