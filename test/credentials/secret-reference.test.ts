import { describe, expect, test } from 'vitest';
import { bindSecret, secretFor } from '../../source/credentials/bound-secret.ts';
import { createReferences } from '../../source/credentials/secret-reference.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';

const url = 'https://relay.example/prefix';
const [a, b] = ['a', 'b'] as AccountId[] as [AccountId, AccountId];

const start = (env: Record<string, string> = {}) => {
  const paths = { vault: '/nonexistent/vault', vaultKey: '/nonexistent/vault.key' };
  const keeper = createSecretKeeper({ paths, preference: 'memory' });
  const warnings: string[] = [];
  const references = createReferences({
    keeper,
    env,
    stores: () => ['memory'],
    onWarning: (text) => void warnings.push(text),
  });
  const give = (id: AccountId, text: string) => keeper.put(id, bindSecret(new Secret(text), url), null);
  const secretOf = async (id: AccountId, baseUrl = url) => {
    const entry = await references.get(id, 'memory');
    const found = entry === null ? null : secretFor(entry, baseUrl);
    return found?.ok ? found.secret.reveal() : found;
  };
  const store = (name: string, text: string) => keeper.named.set(name, new Secret(text), null);
  return { references, warnings, give, secretOf, store };
};

describe('an account whose secret is $NAME', () => {
  test('shows what is kept under that name, the newest, and several accounts may share it', async () => {
    const { give, secretOf, store, references } = start();
    await give(a, '$RELAY_KEY');
    await give(b, '${RELAY_KEY}');
    await store('RELAY_KEY', 'key-1');
    expect([await secretOf(a), await secretOf(b)]).toEqual(['key-1', 'key-1']);
    await store('RELAY_KEY', 'key-2');
    expect(await secretOf(a)).toBe('key-2');
    expect(references.usersOf('RELAY_KEY')).toEqual([a, b]);
    await give(a, 'a key of its own');
    expect(await secretOf(a)).toBe('a key of its own');
    expect(references.usersOf('RELAY_KEY')).toEqual([b]);
    expect(references.usersOf('OTHER')).toEqual([]);
  });

  test('stays bound to the host it was given for: who edits the address gets nothing', async () => {
    const { give, secretOf, store } = start();
    await give(a, '$RELAY_KEY');
    await store('RELAY_KEY', 'key-1');
    expect(await secretOf(a, 'https://evil.example')).toEqual({
      ok: false,
      boundTo: 'https://relay.example',
    });
  });

  test('takes the variable of the environment where nothing is stored; the stored one goes first; each said once', async () => {
    const { give, secretOf, store, warnings } = start({ RELAY_KEY: 'from-environment', EMPTY: '' });
    await give(a, '$RELAY_KEY');
    await give(b, '$EMPTY');
    const fromEnvironment =
      'the secret RELAY_KEY comes from the environment, which other programs may see; store it: ccr-tui secret set RELAY_KEY';
    expect([await secretOf(a), await secretOf(a)]).toEqual(['from-environment', 'from-environment']);
    expect(warnings).toEqual([fromEnvironment]);
    await store('RELAY_KEY', 'key-1');
    expect([await secretOf(a), await secretOf(a)]).toEqual(['key-1', 'key-1']);
    expect(warnings).toEqual([
      fromEnvironment,
      'the secret RELAY_KEY is stored, and RELAY_KEY is in the environment, too: the stored one is used',
    ]);
    await expect(secretOf(b)).rejects.toMatchObject({
      code: 'unknown_secret',
      message: 'there is no secret EMPTY; store it: ccr-tui secret set EMPTY',
    });
  });

  test('takes no token of a Claude login from the environment', async () => {
    const { give, secretOf } = start({ CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-marker' });
    await give(a, '$CLAUDE_CODE_OAUTH_TOKEN');
    await expect(secretOf(a)).rejects.toMatchObject({ code: 'bad_secret' });
  });

  test('an account that has no secret at all, or one of its own, is left as it is', async () => {
    const { give, secretOf } = start();
    expect(await secretOf(a)).toBeNull();
    await give(a, 'sk-ant-api03-x');
    expect(await secretOf(a)).toBe('sk-ant-api03-x');
  });
});
