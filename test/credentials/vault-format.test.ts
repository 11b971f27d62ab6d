import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyLength, nonceLength, openVault, sealVault } from '../../source/credentials/vault-format.ts';

const key = randomBytes(keyLength);
const secrets = new Map([
  ['account/a', 'sk-ant-api03-first'],
  ['account/b', 'sécond "two"\n'],
]);
const sealed = sealVault({ generation: 7, secrets }, key, randomBytes(nonceLength));

describe('a vault file', () => {
  test('gives back what was sealed, for any content', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })),
        (generation, entries) => {
          const content = { generation, secrets: new Map(Object.entries(entries)) };
          const bytes = sealVault(content, key, randomBytes(nonceLength));
          expect(openVault(bytes, key)).toEqual({ ok: true, content });
        },
      ),
    );
  });

  test('holds nothing in plain text', () => {
    const text = sealed.toString('latin1');
    for (const plain of ['account', 'sk-ant', 'first', 'two']) expect(text).not.toContain(plain);
  });

  test('with any bit flipped, at any place, is damaged', () => {
    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const bytes = Buffer.from(sealed);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expect(openVault(bytes, key).ok).toBe(false);
      }
    }
  });

  test('cut at any length, or with bytes added, is damaged', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      expect(openVault(sealed.subarray(0, length), key).ok).toBe(false);
    }
    expect(openVault(Buffer.concat([sealed, Buffer.from([0])]), key).ok).toBe(false);
  });

  test('opens with its own key only, and says why not in words without content', () => {
    expect(openVault(sealed, randomBytes(keyLength))).toEqual({
      ok: false,
      reason: 'it was changed, or its key is another one',
    });
    const newer = Buffer.from(sealed);
    newer[8] = 2;
    expect(openVault(newer, key)).toEqual({ ok: false, reason: 'its version is not known to this program' });
    expect(openVault(Buffer.from('{"accounts": "not a vault at all, but long enough"}'), key)).toEqual({
      ok: false,
      reason: 'it is not a vault',
    });
  });

  test('is never the same twice', () => {
    const again = sealVault({ generation: 7, secrets }, key, randomBytes(nonceLength));
    expect(again.subarray(14, 26).equals(sealed.subarray(14, 26))).toBe(false);
    expect(again.subarray(26).equals(sealed.subarray(26))).toBe(false);
  });

  test('never makes the reader throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(26), (bytes, kept) => {
        const file = Buffer.concat([sealed.subarray(0, kept), bytes]);
        expect(openVault(file, key).ok).toBe(false);
      }),
    );
  });
});
