import { expect, test } from 'vitest';
import { bytesOfSecret, takeSecret } from '../../source/shared/secret-bytes.ts';
import { Secret } from '../../source/shared/secret.ts';

test('a secret survives its way as bytes, which are wiped where they arrive', () => {
  const bytes = bytesOfSecret(new Secret('sk-ä€😀'));
  expect(takeSecret(bytes).reveal()).toBe('sk-ä€😀');
  expect([...new Set(bytes)]).toEqual([0]);
});

test('bytes in the middle of others are taken alone, and their neighbours stay', () => {
  const all = new TextEncoder().encode('before-key-after');
  expect(takeSecret(all.subarray(7, 10)).reveal()).toBe('key');
  expect(new TextDecoder().decode(all)).toBe('before-\0\0\0-after');
});

test('every copy is one of its own, which may be wiped', () => {
  const secret = new Secret('key');
  bytesOfSecret(secret).fill(0);
  expect(secret.reveal()).toBe('key');
  expect(new TextDecoder().decode(bytesOfSecret(secret))).toBe('key');
});
