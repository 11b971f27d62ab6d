import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { hashOf, hashSlots, openReceipts, parseReceipt, type Receipt } from '../../source/clients/receipt.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-receipt-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const open = (name: string) =>
  openReceipts({ home: join(root, name), receipts: join(root, name, 'receipts') });

const receipt = (original: Buffer | null): Receipt => ({
  client: 'claude-code',
  path: '/x/settings.json',
  original,
  createdFolders: ['/x'],
  written: [{ file: hashOf('a'), slots: hashSlots(new Map([['env.A', '"a"']])) }],
  keyName: 'claude-code',
});

test('what was written is read again, whatever bytes were there before', () => {
  const receipts = open('again');
  expect(receipts.read('claude-code', '/x/settings.json')).toBeNull();
  expect(existsSync(join(root, 'again'))).toBe(false);
  fc.assert(
    fc.property(fc.option(fc.uint8Array({ maxLength: 100 })), (bytes) => {
      const given = receipt(bytes === null ? null : Buffer.from(bytes));
      receipts.write(given);
      expect(receipts.read('claude-code', '/x/settings.json')).toEqual(given);
    }),
    { numRuns: 20 },
  );
  expect(receipts.read('codex', '/x/settings.json')).toBeNull();
  receipts.remove('claude-code', '/x/settings.json');
  expect(receipts.read('claude-code', '/x/settings.json')).toBeNull();
});

test('a receipt goes with what killed writes left of it, and with nothing of others', () => {
  const receipts = open('leftovers');
  receipts.write(receipt(Buffer.from('their-key')));
  const folder = join(root, 'leftovers', 'receipts');
  const [name = ''] = readdirSync(folder);
  writeFileSync(join(folder, `${name}.tmp-0123456789abcdef`), 'their-key');
  writeFileSync(join(folder, `codex-${name}.tmp-0123456789abcdef`), '');
  receipts.remove('claude-code', '/x/settings.json');
  expect(readdirSync(folder)).toEqual([`codex-${name}.tmp-0123456789abcdef`]);
});

test('a receipt of another file, a link or a folder in its place is an error, not a receipt', () => {
  const receipts = open('wrong');
  receipts.write(receipt(null));
  const [name = ''] = readdirSync(join(root, 'wrong', 'receipts'));
  const file = join(root, 'wrong', 'receipts', name);
  const text = JSON.stringify({ version: 1, ...receipt(null), path: '/y' });
  const inItsPlace = [
    () => writeFileSync(file, text),
    () => symlinkSync('/etc/hostname', file),
    () => mkdirSync(file),
  ];
  for (const put of inItsPlace) {
    rmSync(file, { recursive: true });
    put();
    expect(() => receipts.read('claude-code', '/x/settings.json')).toThrow(/cannot be read/);
  }
});

test('the receipt of the largest settings can be read again, and no FIFO in its place is waited for', () => {
  const receipts = open('large');
  receipts.write(receipt(Buffer.alloc(4 * 1024 * 1024, 0xff)));
  expect(receipts.read('claude-code', '/x/settings.json')?.original).toHaveLength(4 * 1024 * 1024);
  const [name = ''] = readdirSync(join(root, 'large', 'receipts'));
  const file = join(root, 'large', 'receipts', name);
  rmSync(file);
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [file]);
  expect(() => receipts.read('claude-code', '/x/settings.json')).toThrow(/cannot be read/);
});

test('only what we wrote is a receipt', () => {
  const good = { version: 1, ...receipt(null) };
  expect(parseReceipt(JSON.stringify(good))).not.toBeNull();
  for (const wrong of [
    { version: 2 },
    { client: 1 },
    { path: null },
    { original: 5 },
    { createdFolders: [1] },
    { written: [] },
    { written: [{ file: 'a', slots: { x: 1 } }] },
    { written: 'a' },
    { keyName: undefined },
  ]) {
    expect(parseReceipt(JSON.stringify({ ...good, ...wrong }))).toBeNull();
  }
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => parseReceipt(text) === null));
});
