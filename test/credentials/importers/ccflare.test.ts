import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ccflareContent } from '../../../source/credentials/importers/ccflare.ts';
import { loadSqlite } from '../../../source/shared/sqlite.ts';
import { summary } from './content-summary.ts';

const contentOf = (name: string) => {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(':memory:');
  database.exec(readFileSync(new URL(`../../fixtures/import/${name}`, import.meta.url), 'utf8'));
  return ccflareContent(database.prepare('select * from accounts order by rowid').all());
};

const login = (tail: string): string =>
  `{"accessToken":"sk-ant-oat01-marker-${tail}","refreshToken":"sk-ant-ort01-marker-${tail}","expiresAt":1796000000000}`;

test('accounts of ccflare are taken: logins, keys of the Console, pauses', () => {
  const { accounts, left } = contentOf('ccflare.sql');
  expect(accounts.map(summary)).toEqual([
    { name: 'work', sourceId: 'id-1', kind: 'login', plan: 'max', secret: login('flare-1') },
    { name: 'home', sourceId: 'id-2', kind: 'login', paused: true, secret: login('flare-2') },
    { name: 'console', sourceId: 'id-3', kind: 'api-key', secret: 'sk-ant-api03-marker-flare-3' },
  ]);
  expect(left).toEqual([
    { name: 'broken', reason: 'it has neither a token nor a key of the Claude Console' },
  ]);
});

test('accounts of better-ccflare are taken with priority, thresholds in force, and addresses', () => {
  const { accounts, left } = contentOf('better-ccflare.sql');
  expect(accounts.map(summary)).toEqual([
    {
      name: 'work',
      sourceId: 'b-1',
      kind: 'login',
      priority: 5,
      caps: { '5h': 0.7 },
      secret: login('better-1'),
    },
    {
      name: 'console',
      sourceId: 'b-2',
      kind: 'api-key',
      priority: 0,
      secret: 'sk-ant-api03-marker-better-2',
    },
    {
      name: 'glm',
      sourceId: 'b-3',
      kind: 'compatible',
      baseUrl: 'https://api.z.ai/api/anthropic',
      priority: 7,
      notes: ['its model map was not taken'],
      secret: 'marker-better-3',
    },
    {
      name: 'relay',
      sourceId: 'b-4',
      kind: 'compatible',
      baseUrl: 'https://relay.example/anthropic',
      priority: 0,
      secret: 'marker-better-4',
    },
  ]);
  expect(left).toEqual([
    {
      name: 'gpt',
      reason: 'provider openai-compatible does not speak the Anthropic API, or not in a way known here',
    },
    { name: 'strange', reason: 'it is sent to an address of its own, and no Claude login is' },
  ]);
});

test.each([{}, { id: 1, name: 2 }, { id: 'x', name: 'n', provider: '__proto__' }])(
  'an odd row (%j) is left',
  (row) => {
    const { accounts, left } = ccflareContent([row]);
    expect([accounts.length, left.length]).toEqual([0, 1]);
  },
);
