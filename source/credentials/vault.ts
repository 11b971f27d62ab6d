import { CcrError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import { beginSlot, newLock, type OpenVault, type Protection, type VaultLock } from './open-vault.ts';
import { assertKey, type SecretStore } from './secret-store.ts';
import { accessVault, isKeyFile, type VaultAccess, type VaultOptions } from './vault-access.ts';
import type { VaultPaths } from './vault-files.ts';
import { newContentKey, wrapKey } from './vault-format.ts';

/** `none`: there is no vault yet. `locked`: nobody has given its passphrase to this process. */
export type VaultState = 'none' | 'key-file' | 'passphrase' | 'locked';

/** How a vault is locked. Besides what `SecretStore` says, calls reject with `vault_locked` and `wrong_passphrase`. */
export type VaultDoor = {
  state(): VaultState;
  /**
   * Derives the key from the passphrase and keeps that in memory. `wrong_passphrase`; `locked` for a while after that; `failed`
   * when there is no vault that a passphrase opens.
   */
  unlock(passphrase: Secret): Promise<void>;
  /** Makes an empty vault; `failed` when there is one. */
  init(protection: Protection): Promise<void>;
  /** Locks it anew: what opened it before opens neither it nor its backup any more. `failed` when there is none. */
  protect(protection: Protection): Promise<void>;
  /** Encrypts everything with a new key. What opens it stays the same. `failed` when there is none. */
  rotate(): Promise<void>;
};

export type Vault = SecretStore & VaultDoor;

const noVault = (): CcrError =>
  new CcrError('failed', 'there is no vault yet', { hint: 'make one: ccr-tui vault init' });

const hasVault = (): CcrError =>
  new CcrError('failed', 'there is a vault already', {
    hint: 'to lock it with another passphrase: ccr-tui vault passwd',
  });

const noPassphrase = (): CcrError =>
  new CcrError('failed', 'the vault has no passphrase', { hint: 'to give it one: ccr-tui vault passwd' });

const there = (before: OpenVault | null): OpenVault => {
  if (before === null || before.bytes === null) throw noVault();
  return before;
};

const doorOf = ({ keys, look, change }: VaultAccess, made: () => Promise<void>): VaultDoor => ({
  state: () => {
    const found = look();
    if (found?.kind === 'locked') return 'locked';
    if (found === null || found.bytes === null) return 'none';
    return isKeyFile(found.slot) ? 'key-file' : 'passphrase';
  },
  unlock: async (passphrase) => {
    const found = look();
    if (found === null) throw noVault();
    if (isKeyFile(found.slot)) throw noPassphrase();
    await keys.unlock(found.slot, passphrase);
  },
  init: async (protection) => {
    const found = look();
    if (found?.kind === 'locked' || (found?.bytes ?? null) !== null) throw hasVault();
    const { start, ownersKey } = await beginSlot(protection, keys);
    const lock = newLock(start, ownersKey);
    await change((before) => {
      if (before !== null && before.bytes !== null) throw hasVault();
      return { secrets: new Map(), forget: false, lock };
    });
    await made();
  },
  protect: async (protection) => {
    const { start, ownersKey } = await beginSlot(protection, keys);
    await change((before) => {
      const { slot, contentKey, secrets } = there(before);
      if (isKeyFile(start) && isKeyFile(slot)) throw noPassphrase();
      const next = wrapKey('vault', { ...start, id: slot.id }, ownersKey, contentKey);
      return { secrets, forget: true, lock: { slot: next, ownersKey, contentKey } };
    });
  },
  rotate: async () => {
    await change((before) => {
      const { slot, ownersKey, secrets } = there(before);
      const contentKey = newContentKey();
      const lock = { slot: wrapKey('vault', slot, ownersKey, contentKey), ownersKey, contentKey };
      return { secrets, forget: true, lock };
    });
  },
});

/**
 * An encrypted file for machines without a keychain. A passphrase opens it; without one its random key lies in a file beside
 * it that only its owner can read: this keeps secrets out of backups, greps and screenshares of the vault itself, not from who
 * can read both.
 */
export const createVault = (paths: VaultPaths, options: VaultOptions = {}): Vault => {
  const access = accessVault(paths, options);
  const { keys, open, change } = access;
  const secrets = async (): Promise<ReadonlyMap<string, string>> => (await open())?.secrets ?? new Map();

  /** How a vault is locked that nobody asked for: a first secret needs one. */
  const firstLock = async (): Promise<VaultLock> => {
    const passphrase = keys.passphraseAtHand();
    const { start, ownersKey } = await beginSlot(
      passphrase === null ? { kind: 'key-file' } : { kind: 'passphrase', passphrase, kdf: 'scrypt' },
      keys,
    );
    return newLock(start, ownersKey);
  };

  return {
    name: 'vault',
    get: async (key) => {
      assertKey(key);
      const text = (await secrets()).get(key);
      return text === undefined ? null : new Secret(text);
    },
    list: async (prefix) => [...(await secrets()).keys()].filter((key) => key.startsWith(prefix)).toSorted(),
    set: async (key, secret) => {
      assertKey(key);
      await change((before) => {
        const kept = new Map(before?.secrets).set(key, secret.reveal());
        return { secrets: kept, forget: false };
      }, firstLock);
    },
    delete: async (key) => {
      assertKey(key);
      return change((before) => {
        const rest = new Map(before?.secrets);
        return rest.delete(key) ? { secrets: rest, forget: true } : null;
      });
    },
    ...doorOf(access, async () => options.onCreated?.()),
  };
};
