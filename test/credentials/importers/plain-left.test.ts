import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { filesHolding } from '../../../source/credentials/importers/plain-left.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-plain-left-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const path = join(root, 'store.db');

test('a secret is found wherever it lies in a store, also across two pieces, and in its side files', () => {
  const piece = 1024 * 1024;
  for (const at of [0, 5, piece - 3, piece, 2 * piece - 1]) {
    writeFileSync(path, Buffer.concat([Buffer.alloc(at, 'x'), Buffer.from('marker'), Buffer.alloc(9, 'x')]));
    expect(filesHolding(path, ['other', 'marker'])).toEqual([path]);
  }
  writeFileSync(path, Buffer.alloc(3 * piece, 'x'));
  expect(filesHolding(path, ['marker'])).toEqual([]);
  writeFileSync(`${path}-wal`, 'a marker');
  expect(filesHolding(path, ['marker'])).toEqual([`${path}-wal`]);
});

test('nothing holds nothing', () => {
  expect(filesHolding(path, [''])).toEqual([]);
  expect(filesHolding(join(root, 'none'), ['marker'])).toEqual([]);
});
