import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyLength, standardKdf } from '../../source/credentials/key-derivation.ts';
import {
  newContentKey,
  newId,
  newSalt,
  readSealed,
  seal,
  unwrapKey,
  wrapKey,
  type KeySlot,
} from '../../source/credentials/vault-format.ts';
import { vaultOfVersion1 } from '../kit/vault-version-1.ts';

const ownersKey = randomBytes(keyLength);
const contentKey = newContentKey();
const slot = wrapKey(
  'vault',
  { kdf: standardKdf('random'), salt: newSalt(), id: newId() },
  ownersKey,
  contentKey,
);
const secrets = new Map([
  ['account/a', 'sk-ant-api03-first'],
  ['account/b', 'sécond "two"\n'],
]);
const content = { slot, generation: 7, secrets };
const sealed = seal('vault', content, contentKey);

/** As the store does it: header, then wrap, then content. Null or words when something is not right. */
const opened = (file: Uint8Array, key = ownersKey) => {
  const read = readSealed('vault', file);
  if (!read.ok) return read.reason;
  if (read.file.version === 1) return read.file.open(key);
  const inner = unwrapKey('vault', read.file.slot, key);
  return inner === null ? null : read.file.open(inner);
};

describe('a vault file', () => {
  test('gives back what was sealed, for any content', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })),
        (generation, entries) => {
          const given = new Map(Object.entries(entries));
          const bytes = seal('vault', { slot, generation, secrets: given }, contentKey);
          expect(opened(bytes)).toEqual(given);
          expect(readSealed('vault', bytes)).toMatchObject({ ok: true, file: { generation } });
        },
      ),
    );
  });

  test('holds nothing in plain text', () => {
    const text = sealed.toString('latin1');
    for (const plain of ['account', 'sk-ant', 'first', 'two']) expect(text).not.toContain(plain);
  });

  test('with any bit flipped, at any place, is never opened', () => {
    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const bytes = Buffer.from(sealed);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expect(opened(bytes)).not.toBeInstanceOf(Map);
      }
    }
  });

  test('cut at any length, or with bytes added, is never opened', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      expect(opened(sealed.subarray(0, length))).not.toBeInstanceOf(Map);
    }
    expect(opened(Buffer.concat([sealed, Buffer.from([0])]))).toBeNull();
  });

  test('tells damage of its head from a key that is another one', () => {
    expect(opened(sealed, randomBytes(keyLength))).toBeNull();
    const damaged = Buffer.from(sealed);
    damaged[30] = (damaged[30] ?? 0) ^ 1;
    expect(readSealed('vault', damaged)).toEqual({
      ok: false,
      problem: 'damaged',
      reason: 'its head was changed',
    });
  });

  test('of a newer version, or of another kind, is told as such', () => {
    const newer = Buffer.from(sealed);
    newer[8] = 99;
    expect(readSealed('vault', newer)).toEqual({
      ok: false,
      problem: 'newer',
      reason: 'its version is not known to this program',
    });
    const text = Buffer.from('{"accounts": "not a vault at all, but long enough"}');
    expect(opened(text)).toBe('it is not a vault');
    expect(readSealed('backup', sealed)).toMatchObject({ ok: false, reason: 'it is not a backup' });
  });

  test('cannot be given the lock of another one', () => {
    const other = newContentKey();
    const swapped = wrapKey('vault', slot, ownersKey, other);
    const moved = seal('vault', { ...content, slot: { ...slot, wrap: swapped.wrap } }, contentKey);
    expect(opened(moved)).toBeNull();
    expect(unwrapKey('vault', { ...slot, id: newId() }, ownersKey)).toBeNull();
    expect(unwrapKey('backup', slot, ownersKey)).toBeNull();
  });

  test('is never the same twice: a thousand writes have a thousand nonces, and one salt', () => {
    const files = Array.from({ length: 1000 }, () => seal('vault', content, contentKey));
    expect(new Set(files.map((file) => file.toString('hex', 112, 124))).size).toBe(1000);
    expect(new Set(files.map((file) => file.toString('hex', 24, 40))).size).toBe(1);
    expect(new Set(files.map((file) => file.toString('hex', 132))).size).toBe(1000);
  });

  test('never makes the reader throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(132), (bytes, kept) => {
        expect(opened(Buffer.concat([sealed.subarray(0, kept), bytes]))).not.toBeInstanceOf(Map);
      }),
    );
  });
});

describe('a head that asks for too little or too much', () => {
  const asking = (kdf: KeySlot['kdf']) =>
    readSealed('vault', seal('vault', { ...content, slot: { ...slot, kdf } }, contentKey));

  test.each([
    ['scrypt', [2 ** 30, 8, 1]],
    ['scrypt', [2 ** 16, 8, 1]],
    ['scrypt', [2 ** 17 + 1, 8, 1]],
    ['scrypt', [0, 8, 1]],
    ['scrypt', [2 ** 17, 4, 1]],
    ['scrypt', [2 ** 17, 2 ** 31, 1]],
    ['scrypt', [2 ** 17, 8, 0]],
    ['scrypt', [2 ** 17, 8, 1000]],
    ['argon2id', [1024, 3, 1]],
    ['argon2id', [4_000_000_000, 3, 1]],
    ['argon2id', [65_536, 1, 1]],
    ['argon2id', [65_536, 4_000_000_000, 1]],
    ['argon2id', [65_536, 3, 0]],
    ['random', [1, 0, 0]],
  ] as const)('%s %j is refused before any memory is taken', (name, parameters) => {
    const before = process.memoryUsage().rss;
    expect(asking({ name, parameters })).toMatchObject({
      ok: false,
      problem: 'damaged',
      reason: expect.stringContaining('out of bounds'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 1024 * 1024);
  });

  test.each(['random', 'scrypt', 'argon2id'] as const)('%s as we make it is taken', (name) => {
    expect(asking(standardKdf(name))).toMatchObject({ ok: true });
  });
});

test('a file of version 1 is still read', () => {
  const file = vaultOfVersion1(ownersKey, 3, secrets);
  expect(opened(file)).toEqual(secrets);
  expect(readSealed('vault', file)).toMatchObject({ ok: true, file: { version: 1, generation: 3 } });
  for (let at = 9; at < file.length; at += 1) {
    const bytes = Buffer.from(file);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(opened(bytes)).not.toBeInstanceOf(Map);
  }
});
