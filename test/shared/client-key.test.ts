import { expect, test } from 'vitest';
import { keyPattern, keyView, unlimited } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';

test('of a record commands tell neither the hashes nor where the secret behind them lies', () => {
  const told = {
    id: 'one',
    name: 'ci',
    kind: 'user',
    createdAt: asEpoch(1),
    lastUsedAt: null,
    revokedAt: null,
    limits: unlimited,
  } as const;
  const previous = { hash: 'HASH', until: asEpoch(2) };
  expect(keyView({ ...told, hash: 'HASH', previous, store: 'vault', process: null })).toEqual(told);
});

test('only the prefix and 32 bytes in base64url are a key of ours', () => {
  const body = 'aZ09_-'.repeat(8).slice(0, 43);
  expect(keyPattern.test(`ccr_${body}`)).toBe(true);
  const others = [
    body,
    `ccr_${body}a`,
    `ccr_${body.slice(1)}`,
    `ccr_${body}\n`,
    `CCR_${body}`,
    `ccr_${body.slice(1)}+`,
  ];
  expect(others.filter((text) => keyPattern.test(text))).toEqual([]);
});
