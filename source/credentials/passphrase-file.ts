import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFile } from '../config/regular-file.ts';
import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import { systemCode } from '../shared/system-code.ts';

/** A file with a passphrase in its first line. */
export type PassphraseFile = {
  path: string;
  /** systemd keeps it in a folder that only the service may enter, and gives it modes and owners of its own. */
  fromSystemd: boolean;
};

const credentialName = 'ccr-tui-passphrase';
const maxBytes = 64 * 1024;

/**
 * Where a process finds the passphrase of its vault without a person: CCR_TUI_PASSPHRASE_FILE, else the credential
 * `ccr-tui-passphrase` of its systemd service; null when neither is there.
 */
export const passphraseFileOf = (env: Environment): PassphraseFile | null => {
  const { CCR_TUI_PASSPHRASE_FILE: named, CREDENTIALS_DIRECTORY: folder } = env;
  if (named !== undefined && named !== '') return { path: named, fromSystemd: false };
  if (folder === undefined || folder === '') return null;
  const path = join(folder, credentialName);
  return existsSync(path) ? { path, fromSystemd: true } : null;
};

const refuse = (path: string, what: string, hint: string): CcrError =>
  new CcrError('store_unavailable', `the passphrase file ${path} ${what}`, { hint });

const firstLine = (bytes: Buffer): string => {
  const end = bytes.indexOf(0x0a);
  const text = bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
  bytes.fill(0);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
};

/**
 * The passphrase in the file: its first line. Throws `store_unavailable` for a file that is missing, irregular, empty, or
 * open to other users.
 */
export const readPassphraseFile = ({ path, fromSystemd }: PassphraseFile): Secret => {
  const found = readRegularFile(path, { maxBytes, follow: true });
  if (found.kind === 'missing') throw refuse(path, 'does not exist', 'name the right one');
  if (found.kind === 'irregular') throw refuse(path, 'is not a regular file', 'name a file');
  if (found.kind === 'large') throw refuse(path, 'is over 64 KiB', 'put the passphrase alone there');
  if (found.kind !== 'file') {
    throw refuse(path, `cannot be read (${systemCode(found.error)})`, 'check who may read it');
  }
  const openTo = fromSystemd ? 0o007 : 0o077;
  if (process.getuid !== undefined && (found.stat.mode & openTo) !== 0) {
    found.bytes.fill(0);
    throw refuse(path, 'is open to other users', `close it: chmod 600 ${path}`);
  }
  const text = firstLine(found.bytes);
  if (text === '') throw refuse(path, 'has nothing in its first line', 'put the passphrase there');
  return new Secret(text);
};
