import { expect, test } from 'vitest';
import { openClientKeys } from '../../source/commands/client-key.ts';
import { openKeyRing } from '../../source/commands/key-ring.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { createVault } from '../../source/credentials/vault.ts';
import { keyPattern, unlimited } from '../../source/shared/client-key.ts';
import { Secret } from '../../source/shared/secret.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const open = () => {
  const { context } = home.context();
  return { keys: openClientKeys(context), ring: openKeyRing(context) };
};
const name = 'claude-code';

test('a key that is made opens nothing before it is kept, and then has no limits and asks nobody else for one', async () => {
  const { keys, ring } = open();
  const key = keys.makeKey();
  expect(key.reveal()).toMatch(keyPattern);
  expect([await keys.isLive(name, key), await ring.list()]).toEqual([false, []]);
  await keys.keepKey(name, key);
  expect(await keys.isLive(name, key)).toBe(true);
  expect(await ring.list()).toMatchObject([{ name, kind: 'connect', limits: unlimited }]);
  // It is the first one of a person that does.
  expect((await ring.create({ name: 'ci', kind: 'user', limits: unlimited }, newClientKey())).required).toBe(
    true,
  );
});

test('a later key takes the place of the one before, which is live no more, nor under another name', async () => {
  const { keys, ring } = open();
  const [first, second] = [keys.makeKey(), keys.makeKey()];
  await keys.keepKey(name, first);
  await keys.keepKey(name, second);
  expect([await keys.isLive(name, first), await keys.isLive(name, second)]).toEqual([false, true]);
  expect(await keys.isLive('codex', second)).toBe(false);
  expect(await ring.list()).toHaveLength(1);
  // Replaced by hand: the program must not go on with what ends soon.
  await ring.rotate(name, newClientKey(), 60_000);
  expect(await keys.isLive(name, second)).toBe(false);
});

test('as long as the vault is locked, the key of that name is taken for the right one', async () => {
  const { keys } = open();
  const key = keys.makeKey();
  await keys.keepKey(name, key);
  const { vault, vaultKey } = resolvePaths({ CCR_TUI_HOME: home.path });
  const passphrase = new Secret('word');
  await createVault({ vault, vaultKey }).protect({ kind: 'passphrase', passphrase, kdf: 'scrypt' });
  expect(await open().keys.isLive(name, newClientKey())).toBe(true);
  expect(await open().keys.isLive('codex', key)).toBe(false);
});

test('taking back a key leaves nothing of it, and one that has gone already is no error', async () => {
  const { keys, ring } = open();
  const key = keys.makeKey();
  await keys.keepKey(name, key);
  await keys.revoke(name);
  expect([await keys.isLive(name, key), await ring.list()]).toEqual([false, []]);
  await keys.revoke(name);
});

test('the key of a person is neither replaced nor taken back, whatever it is called', async () => {
  const { keys, ring } = open();
  const key = newClientKey();
  await ring.create({ name, kind: 'user', limits: unlimited }, key);
  await expect(keys.keepKey(name, keys.makeKey())).rejects.toMatchObject({ code: 'duplicate_key' });
  await keys.revoke(name);
  expect(await ring.list()).toMatchObject([{ name, kind: 'user', revokedAt: null }]);
  expect(await keys.isLive(name, key)).toBe(false);
});
