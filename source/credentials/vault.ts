import { randomBytes } from 'node:crypto';
import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { removeLeftovers, writeDurably } from '../config/durable-file.ts';
import { createFileLock } from '../config/file-lock.ts';
import { ensureFolder, type Paths } from '../config/paths.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { CcrError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import { systemCode } from '../shared/system-code.ts';
import { assertKey, type SecretStore } from './secret-store.ts';
import { keyLength, nonceLength, openVault, sealVault, type VaultContent } from './vault-format.ts';

export type VaultPaths = Pick<Paths, 'vault' | 'vaultKey'>;

const maxBytes = 16 * 1024 * 1024;
const maxGeneration = 0xff_ff_ff_ff;

const unavailable = (what: string, hint: string, cause?: unknown): CcrError =>
  new CcrError('store_unavailable', what, { hint, cause });

/** A file only its owner may touch; null when there is none. Links, FIFOs and files open to others are refused. */
const readPrivate = (path: string): Buffer | null => {
  const found = readRegularFile(path, { maxBytes, follow: false });
  switch (found.kind) {
    case 'missing':
      return null;
    case 'irregular':
      if (found.is === 'link') throw unavailable(`${path} is a symbolic link`, 'put the file itself there');
      throw unavailable(`${path} is not a regular file`, 'move it away');
    case 'large':
      throw unavailable(`${path} is larger than any vault of ours`, 'move it away');
    case 'denied':
    case 'broken': {
      const what = `${path} cannot be read (${systemCode(found.error)})`;
      throw unavailable(what, 'check who may read it, and the disk', found.error);
    }
    case 'file':
      assertOursAlone(path, found.stat);
      return found.bytes;
  }
};

const assertOursAlone = (path: string, { uid, mode }: Stats): void => {
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) throw unavailable(`${path} belongs to another user`, 'move it away');
  if ((mode & 0o077) !== 0)
    throw unavailable(`${path} is open to other users`, `close it: chmod 600 ${path}`);
};

type Opened = { key: Buffer; content: VaultContent; bytes: Buffer | null };

const damaged = (paths: VaultPaths, reason: string): CcrError =>
  new CcrError('vault_damaged', `the vault ${paths.vault} cannot be opened: ${reason}`, {
    hint: `it was left as it is; put back vault and key from a backup (last good vault: ${paths.vault}.bak), or move all three away and add the accounts again`,
  });

/** The vault and its key as they lie on disk; null when there is neither. Never repairs and never overwrites. */
const open = (paths: VaultPaths): Opened | null => {
  let bytes = readPrivate(paths.vault);
  if (bytes === null && lstatSync(`${paths.vault}.bak`, { throwIfNoEntry: false }) !== undefined) {
    // A vault that was there once has a backup; a new empty one in its place would hide the loss. A second look,
    // because readers take no lock: the first write may have ended between the two questions.
    bytes = readPrivate(paths.vault);
    if (bytes === null) throw damaged(paths, 'the file is missing');
  }
  const key = readPrivate(paths.vaultKey);
  if (key !== null && key.length !== keyLength) throw damaged(paths, 'its key file has the wrong length');
  if (bytes === null)
    return key === null ? null : { key, content: { generation: 0, secrets: new Map() }, bytes };
  if (key === null) throw damaged(paths, 'its key file is missing');
  const opened = openVault(bytes, key);
  if (!opened.ok) throw damaged(paths, opened.reason);
  return { key, content: opened.content, bytes };
};

const create = (paths: VaultPaths): Opened => {
  const key = randomBytes(keyLength);
  writeDurably(paths.vaultKey, key);
  return { key, content: { generation: 0, secrets: new Map() }, bytes: null };
};

type Change = { secrets: Map<string, string>; forget: boolean };

const write = (paths: VaultPaths, before: Opened, { secrets, forget }: Change): void => {
  const generation = Math.min(before.content.generation + 1, maxGeneration);
  const next = sealVault({ generation, secrets }, before.key, randomBytes(nonceLength));
  const backup = `${paths.vault}.bak`;
  if (before.bytes !== null && !forget) writeDurably(backup, before.bytes);
  writeDurably(paths.vault, next);
  // A secret that was taken out must not live on in the backup.
  if (before.bytes === null || forget) writeDurably(backup, next);
};

/**
 * An encrypted file for machines without a keychain. Its random key lies in a file beside it that only its owner can
 * read: this keeps secrets out of backups, greps and screenshares of the vault itself, not from who can read both.
 */
export const createVault = (paths: VaultPaths, onCreated?: () => Promise<void>): SecretStore => {
  const lock = createFileLock(`${paths.vault}.lock`);

  const change = async (decide: (secrets: Map<string, string>) => Change | null): Promise<boolean> => {
    ensureFolder(dirname(paths.vault));
    ensureFolder(dirname(paths.vaultKey));
    let created = false;
    const changed = await lock.run(() => {
      try {
        for (const path of [paths.vault, paths.vaultKey, `${paths.vault}.bak`]) removeLeftovers(path);
        const before = open(paths);
        const wanted = decide(new Map(before?.content.secrets));
        if (wanted === null) return false;
        write(paths, before ?? create(paths), wanted);
        created = before === null;
        return true;
      } catch (error) {
        if (error instanceof CcrError) throw error;
        throw unavailable(`cannot write ${paths.vault} (${systemCode(error)})`, 'check the disk', error);
      }
    });
    if (created) await onCreated?.();
    return changed;
  };

  return {
    name: 'vault',
    get: async (key) => {
      assertKey(key);
      try {
        const text = open(paths)?.content.secrets.get(key);
        return text === undefined ? null : new Secret(text);
      } catch (error) {
        if (error instanceof CcrError) throw error;
        throw unavailable(`cannot read ${paths.vault} (${systemCode(error)})`, 'check the disk', error);
      }
    },
    set: async (key, secret) => {
      assertKey(key);
      await change((secrets) => ({ secrets: secrets.set(key, secret.reveal()), forget: false }));
    },
    delete: async (key) => {
      assertKey(key);
      return change((secrets) => (secrets.delete(key) ? { secrets, forget: true } : null));
    },
  };
};
