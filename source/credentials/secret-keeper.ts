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
  /** The one secret that belongs to no account: what keys of clients are hashed with. As `get` and `put`. */
  pepper: {
    get(store: SecretStoreName): Promise<Secret | null>;
    put(secret: Secret, decided: SecretStoreName | null): Promise<StoredAt>;
  };
};

type StoredAt = { store: SecretStoreName; notice: string | null };

export type SecretKeeperOptions = {
  paths: VaultPaths;
  preference: Config['credentialStore'];
  keychain?: KeychainOptions;
  /** Called when the first secret has made a vault; waited for. */
  onVaultCreated?: () => Promise<void>;
};

const keyOf = (id: AccountId): string => `account/${id}`;
const pepperKey = 'keys/pepper';

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
    vault: () => createVault(paths, options.onVaultCreated),
    memory: createMemoryStore,
  };
  const made = new Map<SecretStoreName, SecretStore>();
  const storeNamed = (name: SecretStoreName): SecretStore => {
    const store = made.get(name) ?? makers[name]();
    made.set(name, store);
    return store;
  };

  const putInto = async (name: SecretStoreName, key: string, secret: Secret, known = false) => {
    await storeNamed(name).set(key, secret);
    return { store: name, notice: known ? null : notices[name](paths) };
  };

  /** A locked keychain answers questions and refuses to store: only storing shows whether it works. */
  const putFirst = async (key: string, secret: Secret) => {
    try {
      return await putInto('keychain', key, secret);
    } catch (error) {
      if (!(error instanceof CcrError) || error.code !== 'store_unavailable') throw error;
      const { store, notice } = await putInto('vault', key, secret);
      return { store, notice: `${error.message}, so ${notice}` };
    }
  };

  const put = (key: string, secret: Secret, decided: SecretStoreName | null): Promise<StoredAt> => {
    // What lies in memory alone was somebody's choice for one process, not for the next account.
    const first = decided === null || decided === 'memory';
    if (preference === 'auto' && first) return putFirst(key, secret);
    const name = preference === 'auto' ? (decided ?? 'keychain') : preference;
    return putInto(name, key, secret, name === 'vault' && decided === 'vault');
  };

  return {
    put: (id, secret, decided) => put(keyOf(id), secret, decided),
    get: (id, store) => storeNamed(store).get(keyOf(id)),
    remove: async (id, store) => {
      await storeNamed(store).delete(keyOf(id));
    },
    pepper: {
      get: (store) => storeNamed(store).get(pepperKey),
      put: (secret, decided) => put(pepperKey, secret, decided),
    },
  };
};
