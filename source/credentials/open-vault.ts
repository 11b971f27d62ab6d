import { randomBytes } from 'node:crypto';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { keyLength, standardKdf, type KdfName } from './key-derivation.ts';
import type { VaultFiles, VaultPaths } from './vault-files.ts';
import {
  newContentKey,
  newId,
  newSalt,
  readSealed,
  unwrapKey,
  wrapKey,
  type KeySlot,
  type SealedFile,
} from './vault-format.ts';
import type { VaultKeys } from './vault-keys.ts';

/** What opens a vault: a passphrase, or a random key in a file of mode 0600 beside it. */
export type Protection =
  | { kind: 'key-file' }
  | { kind: 'passphrase'; passphrase: Secret; kdf: Exclude<KdfName, 'random'> };

/** How the content is locked: the slot, the key that opens that, and the content's own. */
export type VaultLock = { slot: KeySlot; ownersKey: Buffer; contentKey: Buffer };

export type OpenVault = VaultLock & {
  kind: 'open';
  /** Of the file as it lies there. */
  version: SealedFile['version'];
  /** As it lies on the disk; null when only its key does: nothing was kept yet. */
  bytes: Buffer | null;
  generation: number;
  secrets: ReadonlyMap<string, string>;
};

/** Nobody has given its passphrase to this process. */
export type LockedVault = { kind: 'locked'; slot: KeySlot };

/** `vault_damaged`: what is there cannot be read, now or later. */
const damaged = ({ vault }: VaultPaths, reason: string): CcrError =>
  new CcrError('vault_damaged', `the vault ${vault} cannot be opened: ${reason}`, {
    hint: `it was left as it is; put back vault and key from a backup (last good vault: ${vault}.bak), or move all three away and add the accounts again`,
  });

const newer = ({ vault }: VaultPaths): CcrError =>
  new CcrError('vault_damaged', `the vault ${vault} was written by a newer version of ccr-tui`, {
    hint: 'it was left as it is; update ccr-tui',
  });

/** A new lock, with a key for the content that was never used. */
export const newLock = (start: Omit<KeySlot, 'wrap'>, ownersKey: Buffer): VaultLock => {
  const contentKey = newContentKey();
  return { slot: wrapKey('vault', start, ownersKey, contentKey), ownersKey, contentKey };
};

const randomKeyLock = (key: Buffer): VaultLock =>
  newLock({ kdf: standardKdf('random'), salt: newSalt(), id: newId() }, key);

/** The first part of a slot and the key for it. Derives, for a passphrase. */
export const beginSlot = async (
  protection: Protection,
  keys: VaultKeys,
): Promise<{ start: Omit<KeySlot, 'wrap'>; ownersKey: Buffer }> => {
  const [salt, id] = [newSalt(), newId()];
  if (protection.kind === 'key-file') {
    return { start: { kdf: standardKdf('random'), salt, id }, ownersKey: randomBytes(keyLength) };
  }
  const kdf = standardKdf(protection.kdf);
  const ownersKey = await keys.create(kdf, protection.passphrase, salt);
  return { start: { kdf, salt, id }, ownersKey };
};

const readKey = (paths: VaultPaths, files: VaultFiles): Buffer | null => {
  const key = files.readKey();
  if (key !== null && key.length !== keyLength) throw damaged(paths, 'its key file has the wrong length');
  return key;
};

/** The bytes of the vault; null when there never was one. Throws when it has gone. */
const readVault = (paths: VaultPaths, files: VaultFiles): Buffer | null => {
  const bytes = files.read();
  if (bytes !== null || !files.hasBackup()) return bytes;
  // A vault that was there once has a backup; a new empty one in its place would hide the loss. A second look,
  // because readers take no lock: the first write may have ended between the two questions.
  const again = files.read();
  if (again === null) throw damaged(paths, 'the file is missing');
  return again;
};

const changed = 'it was changed, or its key is another one';

const openWith = (
  paths: VaultPaths,
  file: SealedFile,
  { slot, ownersKey, contentKey }: VaultLock,
  bytes: Buffer,
): OpenVault => {
  const secrets = file.open(file.version === 1 ? ownersKey : contentKey);
  if (secrets === null) throw damaged(paths, changed);
  const { version, generation } = file;
  return { kind: 'open', version, bytes, slot, ownersKey, contentKey, generation, secrets };
};

/**
 * The vault as it lies on the disk; null when there is none. Never repairs and never overwrites. A vault of version 1 comes
 * with the lock that it gets when it is written next. Throws `vault_damaged`, `store_unavailable` or what the system says.
 */
export const openVault = (
  paths: VaultPaths,
  files: VaultFiles,
  keys: Pick<VaultKeys, 'atHand'>,
): OpenVault | LockedVault | null => {
  const bytes = readVault(paths, files);
  if (bytes === null) {
    const key = readKey(paths, files);
    if (key === null) return null;
    return { kind: 'open', version: 2, bytes, generation: 0, secrets: new Map(), ...randomKeyLock(key) };
  }
  const sealed = readSealed('vault', bytes);
  if (!sealed.ok) throw sealed.problem === 'newer' ? newer(paths) : damaged(paths, sealed.reason);
  const { file } = sealed;
  if (file.version === 2 && file.slot.kdf.name !== 'random') {
    const ownersKey = keys.atHand(file.slot);
    const contentKey = ownersKey && unwrapKey('vault', file.slot, ownersKey);
    if (!ownersKey || !contentKey) return { kind: 'locked', slot: file.slot };
    return openWith(paths, file, { slot: file.slot, ownersKey, contentKey }, bytes);
  }
  const key = readKey(paths, files);
  if (key === null) throw damaged(paths, 'its key file is missing');
  if (file.version === 1) return openWith(paths, file, randomKeyLock(key), bytes);
  const contentKey = unwrapKey('vault', file.slot, key);
  if (contentKey === null) throw damaged(paths, 'the key beside it is that of another vault');
  return openWith(paths, file, { slot: file.slot, ownersKey: key, contentKey }, bytes);
};
