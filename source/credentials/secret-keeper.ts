import type { Config } from '../config/schema.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, SecretStoreName } from '../shared/types.ts';
import { createKeychain, type KeychainOptions } from './keychain.ts';
import { createMemoryStore } from './memory-store.ts';
import type { SecretStore } from './secret-store.ts';
import { createTransfer, type Transfer } from './transfer.ts';
import type { VaultPaths } from './vault-files.ts';
import { createVaultKeys, noPassphrase, type PassphraseSource } from './vault-keys.ts';
import { createVault, type Vault, type VaultDoor } from './vault.ts';

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
  /** Stores a secret in that store and no other: what an account has there is renewed. Rejects as `put` does. */
  renew(id: AccountId, secret: Secret, store: SecretStoreName): Promise<void>;
  /** The secret from that store and no other; null when the store has none. */
  get(id: AccountId, store: SecretStoreName): Promise<Secret | null>;
  /** Forgets the secret in that store; one that is not there is no error. */
  remove(id: AccountId, store: SecretStoreName): Promise<void>;
  /** The one secret that belongs to no account: what keys of clients are hashed with. As `get` and `put`. */
  pepper: {
    get(store: SecretStoreName): Promise<Secret | null>;
    put(secret: Secret, decided: SecretStoreName | null): Promise<StoredAt>;
  };
  /** Another one: what is captured of requests is encrypted with it. */
  captureKey: SecretKeeper['pepper'];
  /** Secrets that have a name (`RELAY_KEY`) and may serve several accounts. */
  named: NamedSecrets;
  /** How the vault is locked; opens nothing. */
  vault(): VaultDoor;
  /** From one store to another. */
  transfer: Transfer;
};

/**
 * Secrets by name. A name is 1 to 64 letters, digits, `_` and `-`; whoever asks has checked that. All but `set` speak of one
 * store and no other. Rejects as `put` does.
 */
export type NamedSecrets = {
  /** null when the store has none of that name. */
  get(name: string, store: SecretStoreName): Promise<Secret | null>;
  /** Keeps it in place of an earlier one; where, and what to say about it, as `put`. */
  set(name: string, secret: Secret, decided: SecretStoreName | null): Promise<StoredAt>;
  /** The names of the secrets in that store, sorted. */
  list(store: SecretStoreName): Promise<string[]>;
  /** Whether there was one. */
  delete(name: string, store: SecretStoreName): Promise<boolean>;
};

export type StoredAt = { store: SecretStoreName; notice: string | null };

export type SecretKeeperOptions = {
  paths: VaultPaths;
  preference: Config['credentialStore'];
  keychain?: KeychainOptions;
  /** What opens a vault that has a passphrase, and locks one that is made for a first secret. */
  passphrase?: PassphraseSource;
  /** Called when a vault has been made; waited for. */
  onVaultCreated?: () => Promise<void>;
  /** A sentence about the vault that a person should see. */
  onWarning?: (text: string) => void;
};

/** Where a store keeps the secret of an account. */
export const keyOf = (id: AccountId): string => `account/${id}`;
/** Where it keeps the one behind the keys of clients. */
export const pepperKey = 'keys/pepper';
/** Where it keeps the one that captures are encrypted with. */
export const captureKeyName = 'history/capture';
const namedPrefix = 'secret/';
/** Where it keeps a secret by name. */
export const keyOfName = (name: string): string => `${namedPrefix}${name}`;

const notices: Record<SecretStoreName, (paths: VaultPaths, vault: () => Vault) => string | null> = {
  keychain: () => null,
  vault: ({ vault, vaultKey }, opened) =>
    opened().state() === 'passphrase'
      ? `the secret is in the encrypted vault ${vault}, which your passphrase opens`
      : `the secret is in the encrypted vault ${vault}; whoever can read ${vaultKey} beside it can open it`,
  memory: () => 'the secret is kept in memory only and is gone when this process ends',
};

const openStores = ({ paths, keychain, passphrase, onVaultCreated, onWarning }: SecretKeeperOptions) => {
  const made = new Map<SecretStoreName, SecretStore>();
  const makeVault = (): Vault =>
    createVault(paths, {
      keys: createVaultKeys({ passphrase: passphrase ?? noPassphrase }),
      onCreated: onVaultCreated,
      onWarning,
    });
  let vaultMade: Vault | null = null;
  const vault = (): Vault => (vaultMade ??= makeVault());
  const makers: Record<SecretStoreName, () => SecretStore> = {
    keychain: () => createKeychain(keychain),
    vault,
    memory: createMemoryStore,
  };
  const storeNamed = (name: SecretStoreName): SecretStore => {
    const store = made.get(name) ?? makers[name]();
    made.set(name, store);
    return store;
  };
  return { storeNamed, vault };
};

/** Opens nothing until it is asked; each store is made once. */
export const createSecretKeeper = (options: SecretKeeperOptions): SecretKeeper => {
  const { paths, preference } = options;
  const { storeNamed, vault } = openStores(options);
  const transfer = createTransfer(storeNamed);
  /** Where the secret is by now, if it was moved since the record was read. */
  const storeOf = (name: SecretStoreName, key: string): SecretStore =>
    storeNamed(transfer.placeOf(key, name));

  const putInto = async (name: SecretStoreName, key: string, secret: Secret, known = false) => {
    await storeOf(name, key).set(key, secret);
    return { store: name, notice: known ? null : notices[name](paths, vault) };
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
    renew: (id, secret, store) => storeOf(store, keyOf(id)).set(keyOf(id), secret),
    get: (id, store) => storeOf(store, keyOf(id)).get(keyOf(id)),
    remove: async (id, store) => {
      await storeOf(store, keyOf(id)).delete(keyOf(id));
    },
    pepper: {
      get: (store) => storeOf(store, pepperKey).get(pepperKey),
      put: (secret, decided) => put(pepperKey, secret, decided),
    },
    captureKey: {
      get: (store) => storeOf(store, captureKeyName).get(captureKeyName),
      put: (secret, decided) => put(captureKeyName, secret, decided),
    },
    named: {
      get: (name, store) => storeOf(store, keyOfName(name)).get(keyOfName(name)),
      set: (name, secret, decided) => put(keyOfName(name), secret, decided),
      list: async (store) =>
        (await storeNamed(store).list(namedPrefix)).map((key) => key.slice(namedPrefix.length)),
      delete: (name, store) => storeOf(store, keyOfName(name)).delete(keyOfName(name)),
    },
    vault,
    transfer,
  };
};
