import { describe, expect, test } from 'vitest';
import { conflictsFor } from '../../source/clients/conflicts.ts';

const origin = 'http://127.0.0.1:4180';

describe('what else decides where a client goes', () => {
  test('nothing in a plain environment, nor from empty variables', () => {
    expect(conflictsFor('claude-code', { PATH: '/bin', ANTHROPIC_API_KEY: '' }, origin)).toEqual([]);
  });

  test.each([
    ['claude-code', 'ANTHROPIC_API_KEY', 1],
    ['codex', 'ANTHROPIC_API_KEY', 0],
    ['claude-code', 'CLAUDE_CODE_USE_BEDROCK', 1],
    ['claude-code', 'CLAUDE_CODE_USE_VERTEX', 1],
    ['claude-code', 'HTTP_PROXY', 1],
    ['codex', 'all_proxy', 1],
    ['codex', 'HTTPS_PROXY', 0],
  ])('%s with %s: %i', (client, name, count) => {
    const said = conflictsFor(client, { [name]: 'a-value' }, origin);
    expect(said).toHaveLength(count);
    expect(said.join()).not.toContain('a-value');
  });

  test('a proxy that spares this machine is none', () => {
    const env = { HTTP_PROXY: 'http://p' };
    expect(conflictsFor('codex', { ...env, NO_PROXY: 'x, 127.0.0.1' }, origin)).toEqual([]);
    expect(conflictsFor('codex', { ...env, no_proxy: '*' }, origin)).toEqual([]);
    expect(conflictsFor('codex', { ...env, NO_PROXY: 'x' }, origin)).toHaveLength(1);
    expect(conflictsFor('codex', env, 'https://box.local:4180')).toEqual([]);
  });
});
