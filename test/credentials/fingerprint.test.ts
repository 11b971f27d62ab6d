import { expect, test } from 'vitest';
import { fingerprintOf, isSameToken } from '../../source/credentials/fingerprint.ts';
import { Secret } from '../../source/shared/secret.ts';

test('the same token has the same fingerprint, which does not tell the token', () => {
  expect(fingerprintOf(new Secret('token-a'))).toBe(fingerprintOf(new Secret('token-a')));
  expect(fingerprintOf(new Secret('token-a'))).not.toBe(fingerprintOf(new Secret('token-b')));
  expect(fingerprintOf(new Secret('token-a'))).toMatch(/^[0-9a-f]{64}$/);
});

test('tokens are compared by what they are', () => {
  expect(isSameToken(new Secret('a'), new Secret('a'))).toBe(true);
  expect(isSameToken(new Secret('a'), new Secret('b'))).toBe(false);
  expect(isSameToken(null, new Secret('b'))).toBe(false);
  expect(isSameToken(null, null)).toBe(true);
});
