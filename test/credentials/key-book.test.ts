import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openDocument } from '../../source/config/document.ts';
import { maxKeys } from '../../source/config/client-key-record.ts';
import { createFileLock } from '../../source/config/file-lock.ts';
import { ensureFolder, resolvePaths, type Paths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { createKeyBook, type KeyBook, type NewKey } from '../../source/credentials/key-book.ts';
import { createPepper, digestKey, newClientKey } from '../../source/credentials/key-pepper.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { unlimited, type ClientKeyRecord } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-keys-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const now = asEpoch(1_790_000_000_000);
let count = 0;
let paths: Paths;
const pepperOf = () => createPepper(createSecretKeeper({ paths, preference: 'vault' }).pepper);

/** As another process would open it. */
const open = (): KeyBook => {
  ensureFolder(paths.home);
  const lock = createFileLock(join(paths.home, 'keys.lock'));
  return createKeyBook({
    document: openDocument(paths),
    hasher: pepperOf(),
    alone: (work) => lock.run(work),
    clock: { now: () => now },
    read: () => loadSettings({ paths, env: {} }),
  });
};
const keys = (): ClientKeyRecord[] => loadSettings({ paths, env: {} }).clientKeys;

beforeEach(() => {
  paths = resolvePaths({ CCR_TUI_HOME: join(root, `${(count += 1)}`) });
});

const wanted = (name: string, change: Partial<NewKey> = {}): NewKey => ({
  name,
  kind: 'user',
  limits: unlimited,
  process: null,
  ...change,
});

describe('a new key', () => {
  test('leaves its hash in config.json, and nothing of itself', async () => {
    const key = newClientKey();
    const { record, notice } = await open().create(wanted('laptop'), key);
    expect(notice).toContain('vault');
    expect(keys()).toEqual([record]);
    const pepper = await pepperOf().load('vault');
    expect(record.hash).toBe(digestKey(pepper ?? Buffer.alloc(0), key.reveal()).toString('base64'));
    expect(readFileSync(paths.config, 'utf8')).not.toContain(key.reveal().slice(4, 20));
  });

  test('may not take the name of another, but that of a revoked one', async () => {
    const book = open();
    await book.create(wanted('laptop'), newClientKey());
    const again = book.create(wanted('laptop'), newClientKey());
    await expect(again).rejects.toMatchObject({ code: 'duplicate_key' });
    await expect(book.create(wanted('laptop', { kind: 'connect' }), newClientKey())).rejects.toMatchObject({
      code: 'duplicate_key',
    });
    await book.revoke('laptop', null);
    await book.create(wanted('laptop'), newClientKey());
    expect(keys().map(({ name, revokedAt }) => [name, revokedAt])).toEqual([
      ['laptop', now],
      ['laptop', null],
    ]);
  });

  test('of run gets a number where its name is taken, one of connect takes the place of the last', async () => {
    const book = open();
    const run = wanted('claude', { kind: 'run', process: { pid: 1, birth: null } });
    for (let i = 0; i < 3; i += 1) await book.create(run, newClientKey());
    const first = await book.create(wanted('codex', { kind: 'connect' }), newClientKey());
    const second = await book.create(wanted('codex', { kind: 'connect' }), newClientKey());
    expect(keys().map(({ name }) => name)).toEqual(['claude', 'claude-2', 'claude-3', 'codex']);
    expect(keys().at(-1)?.hash).toBe(second.record.hash);
    expect(second.record.hash).not.toBe(first.record.hash);
  });

  test.each<[string, Partial<NewKey>, string]>([
    ['../x', {}, 'usage'],
    ['', {}, 'usage'],
    ['x'.repeat(65), {}, 'usage'],
    ['\u001b[2J', {}, 'usage'],
    ['ci', { limits: { ...unlimited, concurrent: 0 } }, 'usage'],
    ['ci', { limits: { ...unlimited, models: [] } }, 'usage'],
    ['ci', { limits: { ...unlimited, accounts: ['nobody'] } }, 'unknown_account'],
  ])('%j with %j is refused, and nothing is written', async (name, change, code) => {
    await expect(open().create(wanted(name, change), newClientKey())).rejects.toMatchObject({ code });
    expect(keys()).toEqual([]);
  });

  test('is made by many processes at once without a key that is lost', async () => {
    const made = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        const key = newClientKey();
        return { key, ...(await open().create(wanted(name), key)) };
      }),
    );
    const pepper = (await pepperOf().load('vault')) ?? Buffer.alloc(0);
    for (const { key, record } of made) {
      expect(digestKey(pepper, key.reveal()).toString('base64')).toBe(record.hash);
    }
    expect(keys()).toHaveLength(4);
  });

  test('beyond the bound takes the place of the oldest revoked one', async () => {
    const book = open();
    const { record } = await book.create(wanted('first'), newClientKey());
    await book.create(wanted('gone'), newClientKey());
    await book.revoke('gone', null);
    await openDocument(paths).updateClientKeys((before) => [
      ...before,
      ...Array.from({ length: maxKeys - 2 }, (_, i) => ({ ...record, id: `i${i}`, name: `k${i}` })),
    ]);
    await book.create(wanted('last'), newClientKey());
    expect(keys()).toHaveLength(maxKeys);
    expect(keys().some(({ name }) => name === 'gone')).toBe(false);
    await expect(book.create(wanted('more'), newClientKey())).rejects.toMatchObject({ code: 'failed' });
  });
});

describe('a key that is there', () => {
  test('gets another secret; the old one ends at once, or after a while', async () => {
    const book = open();
    const { record } = await book.create(wanted('laptop'), newClientKey());
    const second = await book.rotate('laptop', newClientKey(), 60_000);
    expect(second.record).toMatchObject({
      id: record.id,
      previous: { hash: record.hash, until: now + 60_000 },
    });
    const third = await book.rotate('laptop', newClientKey(), 0);
    expect(third.record).toMatchObject({ id: record.id, previous: null });
    expect(new Set([record.hash, second.record.hash, third.record.hash]).size).toBe(3);
    expect(keys()).toEqual([third.record]);
  });

  test('stays on the list when it is revoked, unless no person made it', async () => {
    const book = open();
    await book.create(wanted('laptop'), newClientKey());
    await book.create(wanted('codex', { kind: 'connect' }), newClientKey());
    await book.rotate('laptop', newClientKey(), 60_000);
    await expect(book.revoke('laptop', 'connect')).rejects.toMatchObject({ code: 'unknown_key' });
    await book.revoke('laptop', null);
    await book.revoke('codex', 'connect');
    expect(keys()).toMatchObject([{ name: 'laptop', revokedAt: now, previous: null }]);
    await expect(book.revoke('laptop', null)).rejects.toMatchObject({ code: 'unknown_key' });
    await expect(book.rotate('laptob', newClientKey(), 0)).rejects.toMatchObject({ code: 'unknown_key' });
  });

  test('of run is forgotten when its process is over', async () => {
    const book = open();
    for (const pid of [1, 2]) {
      await book.create(wanted('claude', { kind: 'run', process: { pid, birth: 'x' } }), newClientKey());
    }
    await book.create(wanted('laptop'), newClientKey());
    await book.endRuns(({ pid }) => pid === 1);
    expect(keys().map(({ name }) => name)).toEqual(['claude-2', 'laptop']);
    const before = readFileSync(paths.config);
    await book.endRuns(() => false);
    expect(readFileSync(paths.config)).toEqual(before);
  });

  test('knows when it was used last', async () => {
    const book = open();
    const { record } = await book.create(wanted('laptop'), newClientKey());
    await book.noteUses(new Map([[record.id, asEpoch(now + 5)]]));
    expect(keys()).toEqual([{ ...record, lastUsedAt: now + 5 }]);
  });
});
