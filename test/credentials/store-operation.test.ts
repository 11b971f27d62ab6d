import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { storeOperations } from '../../source/credentials/store-operation.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-operation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const paths = { vault: join(folder, 'vault'), vaultKey: join(folder, 'vault.key') };
const keeperOf = () => createSecretKeeper({ paths, preference: 'vault' });

test('a vault is made, locked with a passphrase, unlocked, and encrypted anew', async () => {
  const [keeper, id] = [keeperOf(), 'a' as AccountId];
  const run = storeOperations(keeper);
  await expect(run({ name: 'vault.init', kdf: 'scrypt' }, null)).rejects.toMatchObject({
    code: 'bad_secret',
  });
  await run({ name: 'vault.init', kdf: null }, null);
  await keeper.put(id, new Secret('one'), null);
  await run({ name: 'vault.protect', kdf: 'scrypt' }, new Secret('word'));
  const [later, laterRun] = [keeperOf(), storeOperations(keeperOf())];
  await expect(later.get(id, 'vault')).rejects.toMatchObject({ code: 'vault_locked' });
  await expect(laterRun({ name: 'vault.unlock' }, null)).rejects.toMatchObject({ code: 'bad_secret' });
  await storeOperations(later)({ name: 'vault.unlock' }, new Secret('word'));
  await storeOperations(later)({ name: 'vault.rotate' }, null);
  expect((await later.get(id, 'vault'))?.reveal()).toBe('one');
  await later.named.set('RELAY', new Secret('two'), 'vault');
  expect(await storeOperations(later)({ name: 'named', store: 'vault' }, null)).toEqual(['RELAY']);
});
