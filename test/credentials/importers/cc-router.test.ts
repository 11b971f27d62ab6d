import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ccRouterContent } from '../../../source/credentials/importers/cc-router.ts';
import { summary } from './content-summary.ts';

const fixture = new URL('../../fixtures/import/cc-router-accounts.json', import.meta.url);
const document: unknown = JSON.parse(readFileSync(fixture, 'utf8'));
const { accounts, left } = ccRouterContent(document);

test('logins are taken with their names, pauses and limits', () => {
  expect(accounts.map(summary)).toEqual([
    {
      name: 'max-account-1',
      sourceId: 'max-account-1',
      kind: 'login',
      caps: { '5h': 0.8 },
      secret:
        '{"accessToken":"sk-ant-oat01-marker-router-1","refreshToken":"sk-ant-ort01-marker-router-1","expiresAt":1796000000000,"scopes":["user:inference","user:profile"]}',
      plain: [
        [0, 'accessToken'],
        [0, 'refreshToken'],
      ],
    },
    {
      name: 'max account 2',
      sourceId: 'max account 2',
      kind: 'login',
      paused: true,
      caps: { '7d': 0.55 },
      secret:
        '{"accessToken":"sk-ant-oat01-marker-router-2","refreshToken":"sk-ant-ort01-marker-router-2","expiresAt":1796000000000}',
      plain: [
        [1, 'accessToken'],
        [1, 'refreshToken'],
      ],
    },
    {
      name: 'from-setup-token',
      sourceId: 'from-setup-token',
      kind: 'setup-token',
      paused: true,
      notes: ['its limit for 5h was 0 %, so it is paused'],
      secret: 'sk-ant-oat01-marker-router-3',
      plain: [
        [2, 'accessToken'],
        [2, 'refreshToken'],
      ],
    },
  ]);
});

test('what is not taken is named, with the reason', () => {
  expect(left).toEqual([
    { name: 'openai-1', reason: 'it is not a Claude account, and only those are taken' },
    { name: 'empty', reason: 'it has no access token' },
  ]);
});

test.each([null, 'text', [], {}, [1, null, 'x'], { accounts: [{}] }])(
  'a store without accounts (%j) has none',
  (odd) => {
    expect(ccRouterContent(odd).accounts).toEqual([]);
  },
);
