import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';

const refuse = (path: string, what: string): CcrError =>
  new CcrError('failed', `${path} ${what}`, { hint: 'look at what put it there, then move it away' });

const maxBytes = 64 * 1024;

export type PrivateFile = { text: string; modifiedMs: number };

/**
 * Reads a small file that only we may have written. Null when there is none. A symbolic link, a FIFO, a folder,
 * another user's file or one beyond 64 KiB is a CcrError('failed'), and is neither followed nor waited for.
 */
export const readPrivateFile = (path: string): PrivateFile | null => {
  let descriptor: number;
  try {
    // O_NONBLOCK: opening a FIFO nobody writes to would hang for ever.
    descriptor = openSync(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return null;
    // ELOOP is Linux and macOS, EMLINK is FreeBSD; ENXIO and EOPNOTSUPP come from a socket at the path.
    if (code === 'ELOOP' || code === 'EMLINK') throw refuse(path, 'is a symbolic link');
    if (code === 'ENXIO' || code === 'EOPNOTSUPP') throw refuse(path, 'is not a regular file');
    throw new CcrError('failed', `${path} cannot be read (${code})`, { cause: error });
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw refuse(path, 'is not a regular file');
    if (process.getuid !== undefined && stat.uid !== process.getuid())
      throw refuse(path, 'belongs to another user');
    if (stat.size > maxBytes) throw refuse(path, 'is too large to be ours');
    return { text: readFileSync(descriptor, 'utf8'), modifiedMs: stat.mtimeMs };
  } finally {
    closeSync(descriptor);
  }
};

/** Writes a new 0600 file beside `path`, whatever the umask, and returns its name. */
const writeBeside = (path: string, text: string): string => {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  let descriptor: number;
  try {
    descriptor = openSync(temporary, 'wx', 0o600);
  } catch (error) {
    throw new CcrError('failed', `cannot write ${path} (${systemCode(error)})`, {
      hint: 'choose another place with CCR_TUI_HOME',
      cause: error,
    });
  }
  try {
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
  return temporary;
};

/** What a file system without hard links answers (exFAT, some FUSE mounts, Android). */
const noHardLinks = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Creates `path` with its whole content in one step; false when something already is there. */
export const createPrivateFile = (path: string, text: string): boolean => {
  const temporary = writeBeside(path, text);
  try {
    // A link appears complete or not at all; open(O_EXCL) and write would show an empty file for a moment.
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!noHardLinks.has(systemCode(error))) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
};

/** Puts the text at `path` in one step, over whatever file is there. */
export const replacePrivateFile = (path: string, text: string): void => {
  const temporary = writeBeside(path, text);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
};

/**
 * Makes the folder, 0700, when it is missing. A link, another user's folder, or one that others may write to is a
 * CcrError('failed'); so is, with `strict`, one that others may enter.
 */
export const ensurePrivateFolder = (path: string, strict = false): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (process.getuid === undefined) return;
  const stat = lstatSync(path);
  if (!stat.isDirectory()) throw refuse(path, 'is not a folder');
  if (stat.uid !== process.getuid()) throw refuse(path, 'belongs to another user');
  if ((stat.mode & (strict ? 0o077 : 0o022)) !== 0) {
    throw new CcrError('failed', `${path} is open to other users`, { hint: `chmod 700 ${path}` });
  }
};
