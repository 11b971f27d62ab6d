import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Makes renames and new files in the folder survive a power cut. Windows has no such call and needs none. */
export const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const writeAll = (descriptor: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
};

/** What a file is to be like; for one that is not ours alone. */
export type FileTraits = { mode: number; uid: number; gid: number };

const private600: Pick<FileTraits, 'mode'> = { mode: 0o600 };

/** Gives the open file its owner before its mode: a change of owner takes mode bits away. */
const applyTraits = (descriptor: number, traits: Pick<FileTraits, 'mode'> | FileTraits): void => {
  if ('uid' in traits && process.platform !== 'win32') {
    const { uid, gid } = fstatSync(descriptor);
    if (uid !== traits.uid || gid !== traits.gid) fchownSync(descriptor, traits.uid, traits.gid);
  }
  fchmodSync(descriptor, traits.mode);
};

/**
 * Puts the bytes at `path` so that whoever reads it, also after a crash at any moment, finds the old content or the
 * new one: written beside (mode 0600 whatever the umask, or with the mode and owner given), synced, renamed, folder synced.
 * Throws what the system says.
 */
export const writeDurably = (
  path: string,
  bytes: Uint8Array,
  traits: Pick<FileTraits, 'mode'> | FileTraits = private600,
): void => {
  const temporary = `${path}.tmp-${randomBytes(8).toString('hex')}`;
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    try {
      applyTraits(descriptor, traits);
      writeAll(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
};

/**
 * Removes what killed writers of `path` left beside it: `<name>.tmp-<16 or more hex digits>`, the pattern of
 * `writeDurably` and of the `atomically` package. Only to be called by who holds the lock for writing `path`.
 */
export const removeLeftovers = (path: string): void => {
  const prefix = `${basename(path)}.tmp-`;
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(prefix) && /^[0-9a-f]{16,}$/.test(name.slice(prefix.length))) {
      rmSync(join(dirname(path), name), { force: true });
    }
  }
};
