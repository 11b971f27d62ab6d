import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { claudeCodeRouterContent } from '../../../source/credentials/importers/claude-code-router.ts';
import { jsonValue } from '../../../source/credentials/importers/json-store.ts';
import { summary } from './content-summary.ts';

const fixture = (name: string): unknown => {
  const url = new URL(`../../fixtures/import/${name}`, import.meta.url);
  return jsonValue(name, readFileSync(url, 'utf8'));
};

test('providers of version 2 that speak the Anthropic API are taken, with their models', () => {
  const { accounts, left } = claudeCodeRouterContent(fixture('claude-code-router.json'), {
    ALIBABA_KEY: 'marker-ccr-2',
  });
  expect(accounts.map(summary)).toEqual([
    {
      name: 'anthropic',
      sourceId: 'anthropic',
      kind: 'api-key',
      models: ['claude-sonnet-4-6', 'claude-opus-4-6'],
      secret: 'sk-ant-api03-marker-ccr-1',
      plain: [['Providers', 0, 'api_key']],
    },
    {
      name: 'Alibaba Cloud',
      sourceId: 'Alibaba Cloud',
      kind: 'compatible',
      baseUrl: 'https://coding-intl.dashscope.aliyuncs.com/apps/anthropic',
      models: ['glm-5'],
      // From the environment: there is nothing plain in the file.
      secret: 'marker-ccr-2',
    },
    {
      name: 'z.ai',
      sourceId: 'z.ai',
      kind: 'compatible',
      baseUrl: 'https://api.z.ai/api/anthropic',
      models: ['glm-5.2'],
      secret: 'marker-ccr-3',
      plain: [['Providers', 2, 'api_key']],
    },
  ]);
  expect(left).toEqual([
    { name: 'openrouter', reason: 'it does not speak the Anthropic API' },
    { name: 'misnamed', reason: 'it does not speak the Anthropic API' },
    { name: 'not set', reason: 'its key is in $NOT_SET_HERE, which is not set here' },
    { name: 'Router', reason: 'its rules were not taken' },
  ]);
});

test('each key of a provider of version 3 is an account of its own', () => {
  const { accounts, left } = claudeCodeRouterContent(fixture('claude-code-router-3.json'), {});
  expect(accounts.map(summary)).toEqual([
    {
      name: 'deepseek-work',
      sourceId: 'deepseek-work',
      kind: 'compatible',
      baseUrl: 'https://api.deepseek.com/anthropic',
      models: ['deepseek-v4-pro'],
      priority: 1,
      secret: 'marker-ccr3-1',
      plain: [['Providers', 0, 'credentials', 0, 'api_key']],
    },
    {
      name: 'deepseek-two',
      sourceId: 'deepseek-two',
      kind: 'compatible',
      baseUrl: 'https://api.deepseek.com/anthropic',
      models: ['deepseek-v4-pro'],
      priority: 9,
      paused: true,
      secret: 'marker-ccr3-2',
      plain: [['Providers', 0, 'credentials', 1, 'apiKey']],
    },
    {
      name: 'relay',
      sourceId: 'relay',
      kind: 'compatible',
      baseUrl: 'https://relay.example/claude',
      models: ['claude-sonnet-4-6'],
      paused: true,
      secret: 'marker-ccr3-3',
      plain: [['Providers', 1, 'apikey']],
    },
  ]);
  expect(left).toEqual([
    { name: 'deepseek-three', reason: 'it has no key' },
    { name: 'gemini', reason: 'it does not speak the Anthropic API' },
  ]);
});

test.each([null, [], {}, { Providers: {} }, { Providers: [null, 'x', {}] }])(
  'odd settings (%j) have none',
  (odd) => {
    expect(claudeCodeRouterContent(odd, {}).accounts).toEqual([]);
  },
);
