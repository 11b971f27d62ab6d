import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { removeLeftovers, syncFolder, writeDurably, type FileTraits } from '../config/durable-file.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';

// Settings are some kilobytes; what is this large is something else, and would be kept whole in the receipt.
const maxBytes = 4 * 1024 * 1024;
// As many as Linux follows.
const maxLinks = 40;

/** The place a path leads to. */
export type ClientPath = {
  /** Absolute, without a symbolic link in it; a file need not be there. */
  path: string;
  /** Folders on the way that are not there yet, the outermost first. */
  missingFolders: readonly string[];
};

/** A file as it was found; `bytes` null = there is none. */
export type ClientFile = { bytes: Buffer; traits: FileTraits } | { bytes: null; traits: null };

const nothing: ClientFile = { bytes: null, traits: null };

// A path may be longer than the line that names it; the reason behind it must be seen.
const longest = 400;
const named = (path: string): string =>
  path.length <= longest ? path : `${path.slice(0, longest / 2)}…${path.slice(-longest / 4)}`;

const refuse = (path: string, what: string, hint: string, cause?: unknown): CcrError =>
  new CcrError('failed', `${named(path)} ${what}`, { hint: `${hint}; nothing was written`, cause });

/** The folder without links in it, and the parts of it that are missing. */
const settleFolder = (folder: string): ClientPath => {
  try {
    return { path: realpathSync(folder), missingFolders: [] };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      throw refuse(folder, `cannot be reached (${systemCode(error)})`, 'check the path', error);
    }
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      throw refuse(folder, 'is a link to nothing', 'make the folder it leads to, or remove the link', error);
    }
    const above = settleFolder(dirname(folder));
    const path = join(above.path, basename(folder));
    return { path, missingFolders: [...above.missingFolders, path] };
  }
};

/**
 * Follows every link of a path, also one whose target is not there: the file that a write is to make or replace.
 * Throws `failed` for links in a circle, and for a link into a folder that does not exist (a disk that is not mounted).
 */
export const locate = (path: string): ClientPath => {
  let at = resolve(path);
  for (let links = 0; links <= maxLinks; links += 1) {
    const folder = settleFolder(dirname(at));
    at = join(folder.path, basename(at));
    const isLink = folder.missingFolders.length === 0 && isLinkAt(at);
    if (!isLink) {
      if (links > 0 && folder.missingFolders.length > 0) {
        throw refuse(path, `is a link to ${at}, whose folder does not exist`, 'mend the link');
      }
      return { path: at, missingFolders: folder.missingFolders };
    }
    at = resolve(dirname(at), readlinkSync(at));
  }
  throw refuse(path, 'is a link that leads in a circle', 'mend the link');
};

const isLinkAt = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch (error) {
    throw refuse(path, `cannot be reached (${systemCode(error)})`, 'check the path', error);
  }
};

const traitsOf = ({ mode, uid, gid }: Stats): FileTraits => ({ mode: mode & 0o7777, uid, gid });

/**
 * The content of a settings file. Throws `failed` with the reason for a folder, a device, a file beyond 4 MiB, and one
 * that cannot be read.
 */
export const readClientFile = (path: string): ClientFile => {
  const found = readRegularFile(path, { maxBytes, follow: true });
  switch (found.kind) {
    case 'file':
      return { bytes: found.bytes, traits: traitsOf(found.stat) };
    case 'missing':
      return nothing;
    case 'irregular':
      throw refuse(path, found.is === 'folder' ? 'is a folder' : 'is not a regular file', 'move it away');
    case 'large': {
      const size = `${Math.ceil(found.size / 1024 / 1024)} MiB`;
      const hint = 'settings are at most 4 MiB; move away what does not belong there';
      throw refuse(path, `is too large (${size})`, hint);
    }
    case 'denied':
      throw refuse(path, `cannot be read (${systemCode(found.error)})`, 'check who may read it', found.error);
    case 'broken':
      throw refuse(path, `cannot be read (${systemCode(found.error)})`, 'check the disk', found.error);
  }
};

const mayWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * Throws `failed` when a settings file must not be replaced: one that is read-only (a rename would not mind), of another
 * user, with a second name (a rename would part the two), or in a folder that cannot be written to.
 */
export const assertWritable = ({ path, missingFolders }: ClientPath): void => {
  const folder = dirname(missingFolders[0] ?? path);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) {
    if ((stat.mode & 0o222) === 0 || !mayWrite(path)) {
      throw refuse(path, 'is read-only', `make it writable: chmod u+w ${path}`);
    }
    const us = process.getuid?.();
    if (us !== undefined && us !== 0 && stat.uid !== us) {
      throw refuse(path, 'belongs to another user', 'run this as its owner');
    }
    if (stat.nlink > 1) {
      throw refuse(path, 'has a second name (a hard link)', 'make it a file of its own, or a symbolic link');
    }
  }
  if (!mayWrite(folder))
    throw refuse(folder, 'cannot be written to', `make it writable: chmod u+w ${folder}`);
};

/** Two files with the same bytes, or both missing. */
export const sameContent = (one: Buffer | null, other: Buffer | null): boolean =>
  one === null || other === null ? one === other : one.equals(other);

const cannotWrite = (path: string, error: unknown): CcrError =>
  new CcrError('failed', `${named(path)} cannot be written (${systemCode(error)})`, {
    hint: 'it is as it was',
    cause: error,
  });

/**
 * Puts the bytes in the place of the file in one step, with its mode and owner (a new one: 0600, for it holds a key), and
 * makes missing folders; null removes the file. Synced. Throws `failed` when the system refuses; the file is then as it was.
 */
export const replaceClientFile = (
  { path, missingFolders }: ClientPath,
  bytes: Buffer | null,
  traits: FileTraits | null,
): void => {
  try {
    for (const folder of missingFolders) {
      mkdirSync(folder, { mode: 0o700, recursive: true });
      syncFolder(dirname(folder));
    }
    if (bytes !== null) writeDurably(path, bytes, traits ?? { mode: 0o600 });
    else {
      rmSync(path, { force: true });
      syncFolder(dirname(path));
    }
  } catch (error) {
    throw cannotWrite(path, error);
  }
};

/** Removes folders, the innermost first, as long as they are empty. */
export const removeEmptyFolders = (folders: readonly string[]): void => {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
      syncFolder(dirname(folder));
    } catch (error) {
      // One with something in it is somebody else's by now, and so is what is above it; one that is gone is no fault.
      if (systemCode(error) !== 'ENOENT') return;
    }
  }
};

/** Removes what a killed write left beside the file; nothing when its folder is not there. */
export const removeClientLeftovers = ({ path, missingFolders }: ClientPath): void => {
  if (missingFolders.length === 0) removeLeftovers(path);
};
