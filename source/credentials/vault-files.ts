import { lstatSync, rmSync, type Stats } from 'node:fs';
import { removeLeftovers, writeDurably } from '../config/durable-file.ts';
import type { Paths } from '../config/paths.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { systemCode } from '../shared/system-code.ts';

/** The vault, and its random key where no passphrase opens it. More lies beside the first: see `createVaultFiles`. */
export type VaultPaths = Pick<Paths, 'vault' | 'vaultKey'>;

const maxBytes = 16 * 1024 * 1024;

/** `store_unavailable`. */
export const unavailable = (what: string, hint: string, cause?: unknown): CcrError =>
  new CcrError('store_unavailable', what, { hint, cause });

const assertOursAlone = (path: string, { uid, mode, nlink }: Stats): void => {
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) throw unavailable(`${path} belongs to another user`, 'move it away');
  if ((mode & 0o077) !== 0)
    throw unavailable(`${path} is open to other users`, `close it: chmod 600 ${path}`);
  if (nlink > 1)
    throw unavailable(
      `${path} has a second name (a hard link)`,
      `look for it, then: cp ${path} and put the copy there`,
    );
};

/**
 * A file only its owner may touch; null when there is none. Throws `store_unavailable` for links, FIFOs, files of others or
 * open to them, files with a second name, and what cannot be read.
 */
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

/** Which vault was written last, and how often it had been by then. */
export type LastSeen = { id: string; generation: number };

/** The files of one vault. All calls throw what the system says, or `store_unavailable`. */
export type VaultFiles = {
  /** The vault; null when there is none. */
  read(): Buffer | null;
  readKey(): Buffer | null;
  writeKey(key: Uint8Array): void;
  removeKey(): void;
  /** A vault that was there once has a backup. */
  hasBackup(): boolean;
  /** Puts `next` in place of the vault that holds `before`; that one becomes the backup, unless it is to be forgotten. */
  write(next: Uint8Array, before: Uint8Array | null, forget: boolean): void;
  /** What was noted of the last write, in a file that does not travel with a copy of the vault; null when nothing was. */
  readSeen(): LastSeen | null;
  /** A note that cannot be written is no reason to fail. */
  noteSeen(seen: LastSeen): void;
  /** Removes what killed writers have left. Only for who holds the lock. */
  tidy(): void;
};

const parseSeen = (text: string): LastSeen | null => {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRecord(parsed)) return null;
    const { id, generation } = parsed;
    return typeof id === 'string' && typeof generation === 'number' ? { id, generation } : null;
  } catch {
    return null;
  }
};

/** Opens nothing. Beside the vault: `.bak`, the last good generation; `.seen`, how far it had come. */
export const createVaultFiles = ({ vault, vaultKey }: VaultPaths): VaultFiles => {
  const [backup, seenFile] = [`${vault}.bak`, `${vault}.seen`];
  return {
    read: () => readPrivate(vault),
    readKey: () => readPrivate(vaultKey),
    writeKey: (key) => writeDurably(vaultKey, key),
    removeKey: () => rmSync(vaultKey, { force: true }),
    hasBackup: () => lstatSync(backup, { throwIfNoEntry: false }) !== undefined,
    write(next, before, forget) {
      if (before !== null && !forget) writeDurably(backup, before);
      writeDurably(vault, next);
      // A secret that was taken out must not live on in the backup, nor a passphrase that was changed.
      if (before === null || forget) writeDurably(backup, next);
    },
    readSeen() {
      const found = readRegularFile(seenFile, { maxBytes: 1024, follow: false });
      return found.kind === 'file' ? parseSeen(found.bytes.toString('utf8')) : null;
    },
    noteSeen(seen) {
      try {
        writeDurably(seenFile, Buffer.from(`${JSON.stringify(seen)}\n`));
      } catch {
        // The vault itself is written.
      }
    },
    tidy() {
      for (const path of [vault, vaultKey, backup, seenFile]) removeLeftovers(path);
    },
  };
};
