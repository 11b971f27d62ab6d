import { describe, expect, test } from 'vitest';
import { conflictsFor, conflictVariables } from '../../source/clients/conflicts.ts';

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

  test('a proxy counts for the scheme that it is for, and the host to spare is the one of the address', () => {
    const env = { HTTPS_PROXY: 'http://p' };
    expect(conflictsFor('codex', env, 'https://127.0.0.1:4180')).toEqual([
      'a proxy for HTTPS is set without an exception for this machine; add 127.0.0.1 to NO_PROXY',
    ]);
    expect(conflictsFor('codex', { ...env, NO_PROXY: '127.0.0.1' }, 'https://127.0.0.1:4180')).toEqual([]);
    const [said = ''] = conflictsFor('codex', { all_proxy: 'http://p' }, 'http://[::1]:4180');
    const host = /add (\S+) to/.exec(said)?.[1] ?? '';
    const spared = { all_proxy: 'http://p', NO_PROXY: host };
    expect(conflictsFor('codex', spared, 'http://[::1]:4180')).toEqual([]);
  });

  test('every variable that it looks at is on the list of those', () => {
    const looked = new Set<string>();
    const env = new Proxy<Record<string, string>>(
      {},
      {
        get(_, name) {
          looked.add(String(name));
          return name === 'all_proxy' ? 'http://p' : '';
        },
      },
    );
    for (const at of [origin, origin.replace('http:', 'https:')]) conflictsFor('claude-code', env, at);
    expect(conflictVariables.toSorted()).toEqual([...looked].toSorted());
  });
});
