import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createBoundedWriter } from '../../source/control/bounded-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-writer-'));
const limit = 1024 * 1024;
const chunk = 'x'.repeat(64 * 1024);
const server = createServer();
let near: Socket;
let far: Socket;

beforeEach(async () => {
  server.listen(join(folder, 'socket'));
  await once(server, 'listening');
  far = connect(join(folder, 'socket'));
  [near] = (await once(server, 'connection')) as [Socket];
  near.on('error', () => undefined);
  far.on('error', () => undefined);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  near.destroy();
  far.destroy();
  server.close();
  await once(server, 'close');
  rmSync(join(folder, 'socket'), { force: true });
});

test('a client that does not read is cut when more than the limit waits for it', () => {
  const writer = createBoundedWriter(near, limit);
  let sent = 0;
  while (!near.destroyed && sent < 100) {
    writer.send(chunk);
    sent += 1;
  }
  // What the kernel holds comes on top of what we hold.
  expect(sent * chunk.length).toBeGreaterThan(limit);
  expect(sent * chunk.length).toBeLessThan(limit + 1024 * 1024);
  expect(near.destroyed).toBe(true);
  writer.send(chunk);
});

test('what a client asked for at once does not count until it is through', async () => {
  const writer = createBoundedWriter(near, limit);
  const answer = 'y'.repeat(3 * limit);
  writer.send(answer, true);
  writer.send(chunk);
  expect(near.destroyed).toBe(false);
  let received = 0;
  far.on('data', (bytes) => {
    received += bytes.length;
  });
  await once(near, 'drain');
  far.pause();
  for (let sent = 0; sent < 100; sent += 1) writer.send(chunk);
  expect(near.destroyed).toBe(true);
  expect(received).toBeGreaterThan(limit);
});

test('asking again and again does not lift the limit for ever', () => {
  const writer = createBoundedWriter(near, limit);
  let asked = 0;
  while (!near.destroyed && asked < 100) {
    writer.send('z'.repeat(limit), true);
    asked += 1;
  }
  expect(asked).toBeLessThan(20);
});
