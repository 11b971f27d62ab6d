import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';

export type Paths = {
  /** What names this installation to a person; one instance runs per home. */
  home: string;
  config: string;
  configLock: string;
  vault: string;
  vaultKey: string;
  audit: string;
  /** Folder: one small file for each refresh of a login that is under way, and the locks for it. */
  journal: string;
  /** A vault with its key, for a renewed login whose own store does not take it. */
  emergency: string;
  emergencyKey: string;
  history: string;
  /** Folder: what `connect` changed in other programs' files. */
  receipts: string;
  /** Under which one process at a time makes a key for clients. */
  keyLock: string;
  instanceLock: string;
  /** The wished-for path; too long a one is replaced by the control server. */
  controlSocket: string;
  /** The folders the files above lie in, without repeats. */
  folders: readonly string[];
};

/**
 * Where everything lies: under CCR_TUI_HOME when that is set, else in the platform's folders for programs (these
 * follow the environment of the process). Touches nothing.
 */
export const resolvePaths = (env: Environment): Paths => {
  const own = env.CCR_TUI_HOME;
  const folder = own === undefined || own === '' ? null : resolve(own);
  const system = envPaths('ccr-tui', { suffix: '' });
  const config = folder ?? system.config;
  const data = folder ?? system.data;
  return {
    home: data,
    config: join(config, 'config.json'),
    configLock: join(config, 'config.lock'),
    vault: join(data, 'vault'),
    vaultKey: join(data, 'vault.key'),
    audit: join(data, 'audit.log'),
    journal: join(data, 'journal'),
    emergency: join(data, 'emergency'),
    emergencyKey: join(data, 'emergency.key'),
    history: join(data, 'history.sqlite'),
    receipts: join(data, 'receipts'),
    keyLock: join(data, 'keys.lock'),
    instanceLock: join(data, 'instance.lock'),
    controlSocket: join(data, 'control.sock'),
    folders: [...new Set([config, data])],
  };
};

const refuse = (path: string, what: string, hint: string): CcrError =>
  new CcrError('failed', `the folder ${path} ${what}`, { hint });

/** What lies at the path, after making it when there was nothing. A link to nothing counts as something. */
const found = (path: string): Stats => {
  try {
    const before = lstatSync(path, { throwIfNoEntry: false });
    if (before !== undefined) return before;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return lstatSync(path);
  } catch (error) {
    throw new CcrError('failed', `cannot make the folder ${path} (${systemCode(error)})`, {
      hint: 'choose another place with CCR_TUI_HOME',
      cause: error,
    });
  }
};

/**
 * Makes the folder and the missing ones above it with mode 0700, whatever the umask; one of ours that others could
 * read is closed to them. Throws `failed` for a link, for something that is no folder, for a folder of another user,
 * and for one that everybody may write to (what lies in it may be somebody else's).
 */
export const ensureFolder = (path: string): void => {
  const before = found(path);
  if (before.isSymbolicLink())
    throw refuse(path, 'is a symbolic link', 'name the folder itself, or move the link away');
  if (!before.isDirectory()) throw refuse(path, 'is not a folder', 'move away what is there');
  if (process.getuid === undefined) return;
  if (before.uid !== process.getuid()) {
    throw refuse(path, 'belongs to another user', 'choose another place with CCR_TUI_HOME');
  }
  if ((before.mode & 0o002) !== 0) {
    throw refuse(path, 'can be written to by everybody', `look at what is in it, then: chmod 700 ${path}`);
  }
  if ((before.mode & 0o777) === 0o700) return;
  // A folder its owner cannot open (made under a umask such as 0777) has no descriptor to be had.
  if ((before.mode & 0o400) === 0) chmodSync(path, 0o700);
  // By descriptor: between the look and the change, nobody can put a link in its place.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(descriptor).ino === before.ino) fchmodSync(descriptor, 0o700);
  } finally {
    closeSync(descriptor);
  }
};
