import { expect, test } from 'vitest';
import { keyJson, newKeyJson } from '../../source/commands/key-json.ts';
import { unlimited, type ClientKeyRecord } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';

const record: ClientKeyRecord = {
  id: 'one',
  name: 'ci',
  kind: 'user',
  hash: 'HASH',
  previous: null,
  store: 'vault',
  createdAt: asEpoch(0),
  lastUsedAt: asEpoch(1),
  revokedAt: null,
  limits: { ...unlimited, models: ['gpt-*'], expiresAt: asEpoch(86_400_000) },
  process: { pid: 1, birth: null },
};
const limits = {
  requestsPerMinute: null,
  concurrent: null,
  dailyUsd: null,
  dailyTokens: null,
  models: ['gpt-*'],
  accounts: null,
  holdMs: null,
  expiresAt: '1970-01-02T00:00:00.000Z',
};

test('a listed key has times in ISO 8601, null where nothing is known, and nothing that is not for scripts', () => {
  expect(keyJson(record)).toEqual({
    id: 'one',
    name: 'ci',
    kind: 'user',
    createdAt: '1970-01-01T00:00:00.000Z',
    lastUsedAt: '1970-01-01T00:00:00.001Z',
    revokedAt: null,
    limits,
  });
});

test('a new key comes with itself, this once', () => {
  expect(newKeyJson(record, 'ccr_x')).toEqual({
    id: 'one',
    name: 'ci',
    key: 'ccr_x',
    createdAt: '1970-01-01T00:00:00.000Z',
    limits,
  });
});
