import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { teamclaudeContent } from '../../../source/credentials/importers/teamclaude.ts';
import { summary } from './content-summary.ts';

const fixture = new URL('../../fixtures/import/teamclaude.json', import.meta.url);
const document = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, unknown>;
const { accounts, left } = teamclaudeContent(document);
const plainOf = (index: number) =>
  ['accessToken', 'refreshToken', 'apiKey'].map((key) => ['accounts', index, key]);

test('logins and keys are taken with names, organisations, priority, pause and caps', () => {
  const uuid = '11111111-1111-4111-8111-111111111111';
  expect(accounts.map(summary)).toEqual([
    {
      name: 'ann@example.com (Acme)',
      sourceId: `${uuid}/22222222-2222-4222-8222-222222222222`,
      kind: 'login',
      accountUuid: uuid,
      organization: 'Acme',
      priority: 3,
      caps: { '7d': 0.6 },
      notes: ['its caps for single models were not taken'],
      secret:
        '{"accessToken":"sk-ant-oat01-marker-team-1","refreshToken":"sk-ant-ort01-marker-team-1","expiresAt":1796000000000}',
      plain: plainOf(0),
    },
    {
      name: 'ann@example.com',
      sourceId: `${uuid}/Home`,
      kind: 'login',
      accountUuid: uuid,
      organization: 'Home',
      paused: true,
      caps: { '5h': 0.5, '7d': 0.5 },
      secret:
        '{"accessToken":"sk-ant-oat01-marker-team-2","refreshToken":"sk-ant-ort01-marker-team-2","expiresAt":1796000000000}',
      plain: plainOf(1),
    },
    {
      name: 'console',
      sourceId: 'console',
      kind: 'api-key',
      secret: 'sk-ant-api03-marker-team-3',
      plain: plainOf(2),
    },
    {
      name: 'deepseek',
      sourceId: 'deepseek',
      kind: 'compatible',
      baseUrl: 'https://api.deepseek.com/anthropic',
      models: ['deepseek-v4-pro'],
      notes: ['its model map was not taken'],
      secret: 'sk-marker-team-4',
      plain: plainOf(3),
    },
  ]);
});

test('what is not taken is named, with the reason', () => {
  expect(left).toEqual([
    {
      name: 'from file',
      reason:
        'its login is in /home/ann/.claude-work/.credentials.json; ccr-tui import claude-code takes it from there',
    },
    { name: 'codex', reason: 'accounts of type codex are not taken' },
  ]);
});

test('with another upstream for all, keys go there and logins nowhere', () => {
  const moved = teamclaudeContent({ ...document, upstream: 'https://relay.example' });
  expect(moved.accounts.map(({ name, kind, baseUrl }) => [name, kind, baseUrl])).toEqual([
    ['console', 'compatible', 'https://relay.example'],
    ['deepseek', 'compatible', 'https://api.deepseek.com/anthropic'],
  ]);
});

test('a cap of nothing pauses, and a store without accounts has none', () => {
  const one = { name: 'x', type: 'apikey', apiKey: 'sk-ant-api03-x', maxUsage: { unified5h: 0 } };
  expect(teamclaudeContent({ accounts: [one] }).accounts[0]).toMatchObject({ paused: true, caps: null });
  for (const odd of [null, [], {}, { accounts: {} }, { accounts: [null, 1] }]) {
    expect(teamclaudeContent(odd)).toEqual({ accounts: [], left: [] });
  }
});
