import type { Config } from '../config/schema.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, SecretStoreName } from '../shared/types.ts';
import { createKeychain, type KeychainOptions } from './keychain.ts';
import { createMemoryStore } from './memory-store.ts';
import type { SecretStore } from './secret-store.ts';
import { createVault, type VaultPaths } from './vault.ts';

/** The one door to the secrets of accounts. */
export type SecretKeeper = {
  /**
   * Stores a secret. `decided` is the store that existing accounts use (null: none yet); it binds `auto` only.
   * `notice` is a sentence a person must see, said once: not again for a vault that is in use already. Rejects with `store_unavailable`, `vault_damaged` or `locked`.
   */
  put(
    id: AccountId,
    secret: Secret,
    decided: SecretStoreName | null,
  ): Promise<{ store: SecretStoreName; notice: string | null }>;
  /** The secret from that store and no other; null when the store has none. */
  get(id: AccountId, store: SecretStoreName): Promise<Secret | null>;
  /** Forgets the secret in that store; one that is not there is no error. */
  remove(id: AccountId, store: SecretStoreName): Promise<void>;
};

export type SecretKeeperOptions = {
  paths: VaultPaths;
  preference: Config['credentialStore'];
  keychain?: KeychainOptions;
};

const keyOf = (id: AccountId): string => `account/${id}`;

const notices: Record<SecretStoreName, (paths: VaultPaths) => string | null> = {
  keychain: () => null,
  vault: ({ vault, vaultKey }) =>
    `the secret is in the encrypted vault ${vault}; whoever can read ${vaultKey} beside it can open it`,
  memory: () => 'the secret is kept in memory only and is gone when this process ends',
};

/** Opens nothing until it is asked; each store is made once. */
export const createSecretKeeper = (options: SecretKeeperOptions): SecretKeeper => {
  const { paths, preference } = options;
  const makers: Record<SecretStoreName, () => SecretStore> = {
    keychain: () => createKeychain(options.keychain),
    vault: () => createVault(paths),
    memory: createMemoryStore,
  };
  const made = new Map<SecretStoreName, SecretStore>();
  const storeNamed = (name: SecretStoreName): SecretStore => {
    const store = made.get(name) ?? makers[name]();
    made.set(name, store);
    return store;
  };

  const putInto = async (name: SecretStoreName, id: AccountId, secret: Secret, known = false) => {
    await storeNamed(name).set(keyOf(id), secret);
    return { store: name, notice: known ? null : notices[name](paths) };
  };

  /** A locked keychain answers questions and refuses to store: only storing shows whether it works. */
  const putFirst = async (id: AccountId, secret: Secret) => {
    try {
      return await putInto('keychain', id, secret);
    } catch (error) {
      if (!(error instanceof CcrError) || error.code !== 'store_unavailable') throw error;
      const { store, notice } = await putInto('vault', id, secret);
      return { store, notice: `${error.message}, so ${notice}` };
    }
  };

  return {
    put: (id, secret, decided) => {
      // What lies in memory alone was somebody's choice for one process, not for the next account.
      const first = decided === null || decided === 'memory';
      if (preference === 'auto' && first) return putFirst(id, secret);
      const name = preference === 'auto' ? (decided ?? 'keychain') : preference;
      return putInto(name, id, secret, name === 'vault' && decided === 'vault');
    },
    get: (id, store) => storeNamed(store).get(keyOf(id)),
    remove: async (id, store) => {
      await storeNamed(store).delete(keyOf(id));
    },
  };
};
