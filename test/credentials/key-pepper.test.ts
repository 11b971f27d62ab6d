import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { resolvePaths } from '../../source/config/paths.ts';
import {
  createPepper,
  digestKey,
  keyDigest,
  newClientKey,
  type Pepper,
} from '../../source/credentials/key-pepper.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { keyPattern } from '../../source/shared/client-key.ts';
import { Secret } from '../../source/shared/secret.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-pepper-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let home = '';
const open = (): Pepper => {
  const paths = resolvePaths({ CCR_TUI_HOME: home });
  return createPepper(createSecretKeeper({ paths, preference: 'vault' }).pepper);
};
beforeEach(() => {
  home = join(root, `${(count += 1)}`);
});

const fresh = { store: null, inUse: false };
const there = { store: 'vault', inUse: true } as const;

describe('a key', () => {
  test('has 32 random bytes behind its prefix', () => {
    const keys = Array.from({ length: 50 }, () => newClientKey().reveal());
    for (const key of keys) expect(key).toMatch(keyPattern);
    expect(new Set(keys).size).toBe(50);
    expect(String(newClientKey())).toBe('[secret]');
  });

  test('is hashed with a secret that is made once and found again by the next process', async () => {
    const key = newClientKey();
    const first = await open().hash(key, fresh);
    expect(first).toMatchObject({ store: 'vault', notice: expect.stringContaining('vault') });
    const again = await open().hash(key, there);
    expect(again).toEqual({ hash: first.hash, store: 'vault', notice: null });
    const pepper = await open().load('vault');
    expect(pepper).toHaveLength(32);
    expect(digestKey(pepper ?? Buffer.alloc(0), key.reveal()).toString('base64')).toBe(first.hash);
    // The secret matters: the same key in another home has another hash.
    home = join(root, `${(count += 1)}`);
    expect((await open().hash(key, fresh)).hash).not.toBe(first.hash);
  });

  test('and the secret behind its hash stand in no file', async () => {
    const key = newClientKey();
    const pepper = open();
    const { hash } = await pepper.hash(key, fresh);
    const secret = await pepper.load('vault');
    const files = readdirSync(home).map((name) => readFileSync(join(home, name), 'latin1'));
    expect(files.length).toBeGreaterThan(1);
    for (const text of files) {
      expect(text).not.toContain(key.reveal());
      expect(text).not.toContain(hash);
      expect(text).not.toContain(secret?.toString('base64'));
      expect(text).not.toContain(secret?.toString('latin1'));
    }
  });
});

test('a secret that keys need and that is not there is not replaced by another one', async () => {
  await expect(open().hash(newClientKey(), there)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(await open().load('vault')).toBeNull();
  // Nothing depends on it: a new one may be made where the old one was.
  expect(await open().hash(newClientKey(), { ...there, inUse: false })).toMatchObject({ store: 'vault' });
});

test.each(['', 'ccr_', 'ccr-tui', `ccr_${'a'.repeat(42)}`, `ccr_${'a'.repeat(44)}`, `sk_${'a'.repeat(43)}`])(
  'the text %j is no key',
  async (text) => {
    const refused = open().hash(new Secret(text), fresh);
    await expect(refused).rejects.toMatchObject({ code: 'bad_secret' });
  },
);

describe('a digest made ready for many keys', () => {
  test('is the HMAC-SHA-256 of node for every secret and text, in whatever order they come', () => {
    const pepper = fc.uint8Array({ minLength: 0, maxLength: 64 });
    fc.assert(
      fc.property(pepper, fc.array(fc.string({ unit: 'binary', maxLength: 200 })), (secret, texts) => {
        const digest = keyDigest(secret);
        for (const text of texts) {
          expect(digest(text)).toBe(createHmac('sha256', secret).update(text).digest('binary'));
        }
      }),
    );
  });

  test('is not made with a secret that is longer than a block, which HMAC treats otherwise', () => {
    expect(() => keyDigest(Buffer.alloc(65))).toThrow(RangeError);
  });
});
