import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../source/credentials/memory-store.ts';
import type { SecretStore } from '../../source/credentials/secret-store.ts';
import { createTransfer } from '../../source/credentials/transfer.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { SecretStoreName } from '../../source/shared/types.ts';

const key = 'account/a';
const there = { key, from: 'keychain', to: 'vault' } as const;
const back = { key, from: 'vault', to: 'keychain' } as const;

const furnished = (change: Partial<Record<SecretStoreName, Partial<SecretStore>>> = {}) => {
  const stores = Object.fromEntries(
    (['keychain', 'vault', 'memory'] as const).map((name) => [
      name,
      { ...createMemoryStore(), ...change[name] },
    ]),
  ) as Record<SecretStoreName, SecretStore>;
  return { stores, transfer: createTransfer((name) => stores[name]) };
};
const textIn = async (store: SecretStore): Promise<string | undefined> => (await store.get(key))?.reveal();

describe('a secret that is copied', () => {
  test('is in both places, and in the new one alone when the old is left', async () => {
    const { stores, transfer } = furnished();
    expect(await transfer.copy({ ...there, replace: true })).toBe('absent');
    await stores.keychain.set(key, new Secret('one'));
    expect(await transfer.copy({ ...there, replace: true })).toBe('copied');
    expect([await textIn(stores.keychain), await textIn(stores.vault)]).toEqual(['one', 'one']);
    expect(transfer.placeOf(key, 'keychain')).toBe('keychain');
    await transfer.leave(there);
    expect([await textIn(stores.keychain), await textIn(stores.vault)]).toEqual([undefined, 'one']);
    expect(transfer.placeOf(key, 'keychain')).toBe('vault');
    await transfer.copy({ ...back, replace: true });
    await transfer.leave(back);
    expect([transfer.placeOf(key, 'keychain'), transfer.placeOf(key, 'vault')]).toEqual([
      'keychain',
      'keychain',
    ]);
  });

  test('takes the place of another one only when it may', async () => {
    const { stores, transfer } = furnished();
    await stores.keychain.set(key, new Secret('one'));
    await stores.vault.set(key, new Secret('two'));
    expect(await transfer.copy({ ...there, replace: false })).toBe('occupied');
    expect(await textIn(stores.vault)).toBe('two');
    expect(await transfer.copy({ ...there, replace: true })).toBe('copied');
    expect(await transfer.copy({ ...there, replace: false })).toBe('copied');
  });

  test('and not kept, is an error that names no secret', async () => {
    const { stores, transfer } = furnished({ vault: { set: async () => {} } });
    await stores.keychain.set(key, new Secret('one'));
    await expect(transfer.copy({ ...there, replace: true })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: 'the vault did not keep a secret that was copied to it',
    });
  });
});

describe('an old place', () => {
  test('that has a newer secret by now gives it first', async () => {
    const { stores, transfer } = furnished();
    await stores.keychain.set(key, new Secret('one'));
    await transfer.copy({ ...there, replace: true });
    await stores.keychain.set(key, new Secret('renewed'));
    await transfer.leave(there);
    expect([await textIn(stores.keychain), await textIn(stores.vault)]).toEqual([undefined, 'renewed']);
  });

  test('that a killed move has left gives nothing, for the new one may be newer', async () => {
    const { stores, transfer } = furnished();
    await stores.keychain.set(key, new Secret('old'));
    await stores.vault.set(key, new Secret('newer'));
    await transfer.leave(there);
    expect([await textIn(stores.keychain), await textIn(stores.vault)]).toEqual([undefined, 'newer']);
  });

  test('is not emptied as long as the new one has nothing', async () => {
    const { stores, transfer } = furnished();
    await stores.keychain.set(key, new Secret('only'));
    await transfer.leave(there);
    expect(await textIn(stores.keychain)).toBe('only');
    expect(transfer.placeOf(key, 'keychain')).toBe('keychain');
  });
});
