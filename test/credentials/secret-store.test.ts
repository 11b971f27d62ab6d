import { expect, test } from 'vitest';
import { assertKey } from '../../source/credentials/secret-store.ts';

test('keys are ours: a noun and an id', () => {
  for (const good of ['account/3f-_A', 'account/6f1ab7c0-0000-4000-8000-000000000000']) {
    expect(() => assertKey(good)).not.toThrow();
  }
});

test.each([
  '',
  'account',
  'account/',
  'account/a b',
  'account/../x',
  'a/b/c',
  'account/\u0000',
  `account/${'x'.repeat(65)}`,
])('the key %j is refused, and not repeated', (key) =>
  expect(() => assertKey(key)).toThrow(/^a secret was asked for under a malformed key$/),
);
