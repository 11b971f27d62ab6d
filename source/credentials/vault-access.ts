import { dirname } from 'node:path';
import { createFileLock } from '../config/file-lock.ts';
import { ensureFolder } from '../config/paths.ts';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';
import { openVault, type LockedVault, type OpenVault, type VaultLock } from './open-vault.ts';
import {
  createVaultFiles,
  unavailable,
  type LastSeen,
  type VaultFiles,
  type VaultPaths,
} from './vault-files.ts';
import { seal, type KeySlot } from './vault-format.ts';
import { watchGeneration } from './vault-generation.ts';
import { createVaultKeys, noPassphrase, type VaultKeys } from './vault-keys.ts';

export type VaultOptions = {
  keys?: VaultKeys;
  /** Called when a vault has been made; waited for. */
  onCreated?: (() => Promise<void>) | undefined;
  /** A sentence that a person should see, said once. */
  onWarning?: ((text: string) => void) | undefined;
};

/** What is to be written; `forget`: the backup must not keep what was there before. */
export type Change = { secrets: ReadonlyMap<string, string>; forget: boolean; lock?: VaultLock };

/** What is to become of the vault as it is (null: there is none); null to leave it alone. May be asked more than once. */
export type Decide = (before: OpenVault | null) => Change | null;

/** Reading and changing the vault's file as a whole. Rejects and throws as `Vault` says. */
export type VaultAccess = {
  keys: VaultKeys;
  /** As it lies there, without asking for a passphrase; null when there is none. */
  look(): OpenVault | LockedVault | null;
  /** Opened, with a passphrase when it takes one; null when there is none. */
  open(): Promise<OpenVault | null>;
  /** False when nothing was to be changed. `make` gives the lock of a vault that is missing; without it, `decide` does. */
  change(decide: Decide, make?: () => Promise<VaultLock>): Promise<boolean>;
};

const maxGeneration = 0xff_ff_ff_ff;

export const isKeyFile = ({ kdf }: Pick<KeySlot, 'kdf'>): boolean => kdf.name === 'random';

/** Writes in an order that leaves, at every moment, a vault that the key or passphrase of before or of after opens. */
const write = (files: VaultFiles, before: OpenVault | null, change: Change, lock: VaultLock): LastSeen => {
  const generation = Math.min((before?.generation ?? 0) + 1, maxGeneration);
  const { slot, ownersKey, contentKey } = lock;
  const { secrets, forget } = change;
  // First, because a vault without its key could not be opened; a key without its vault does no harm.
  if (isKeyFile(slot) && before?.ownersKey.equals(ownersKey) !== true) files.writeKey(ownersKey);
  files.write(seal('vault', { slot, generation, secrets }, contentKey), before?.bytes ?? null, forget);
  if (!isKeyFile(slot)) files.removeKey();
  const seen = { id: slot.id.toString('hex'), generation };
  files.noteSeen(seen);
  return seen;
};

const told = (verb: 'read' | 'write', { vault }: VaultPaths, error: unknown): unknown =>
  error instanceof CcrError
    ? error
    : unavailable(`cannot ${verb} ${vault} (${systemCode(error)})`, 'check the disk', error);

/** Opens nothing until it is asked. */
export const accessVault = (paths: VaultPaths, options: VaultOptions): VaultAccess => {
  const { keys = createVaultKeys({ passphrase: noPassphrase }), onCreated, onWarning = () => {} } = options;
  const files = createVaultFiles(paths);
  const fileLock = createFileLock(`${paths.vault}.lock`);
  const generations = watchGeneration(paths, onWarning);

  const look = (): OpenVault | LockedVault | null => {
    try {
      const noted = files.readSeen();
      const found = openVault(paths, files, keys);
      return found?.kind === 'open' ? generations.look(found, noted) : found;
    } catch (error) {
      throw told('read', paths, error);
    }
  };

  const open = async (): Promise<OpenVault | null> => {
    for (;;) {
      const found = look();
      if (found?.kind !== 'locked') return found;
      await keys.obtain(found.slot);
    }
  };

  /** In the lock. `again`: what was found before it is no more. */
  const attempt = (decide: Decide, first: VaultLock | null): 'done' | 'nothing' | 'again' => {
    files.tidy();
    const before = look();
    if (before?.kind === 'locked') return 'again';
    const wanted = decide(before);
    if (wanted === null) return 'nothing';
    const lock = wanted.lock ?? before ?? first;
    if (lock === null) return 'again';
    generations.seen(write(files, before, wanted, lock));
    if (!isKeyFile(lock.slot)) keys.remember(lock.slot, lock.ownersKey);
    return 'done';
  };

  const change: VaultAccess['change'] = async (decide, make) => {
    ensureFolder(dirname(paths.vault));
    ensureFolder(dirname(paths.vaultKey));
    for (;;) {
      // Not in the lock: a person may have to be asked, and a key takes its time.
      const first = (await open()) === null && make !== undefined ? await make() : null;
      const result = await fileLock.run(() => {
        try {
          return attempt(decide, first);
        } catch (error) {
          throw told('write', paths, error);
        }
      });
      if (result === 'again') continue;
      if (first !== null && result === 'done') await onCreated?.();
      return result === 'done';
    }
  };

  return { keys, look, open, change };
};
