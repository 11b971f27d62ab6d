import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isListening } from '../../source/control/probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-probe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('somebody listens, or nobody does', async () => {
  const path = join(folder, 'socket');
  expect(await isListening(path)).toBe(false);
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  expect(await isListening(path)).toBe(true);
  server.close();
  expect(await isListening(path)).toBe(false);
});

test('a path that is no socket, or none at all, is nobody', async () => {
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), folder, '/'.repeat(300)])
    expect(await isListening(path)).toBe(false);
});
