import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { CcrError } from '../shared/errors.ts';
import type { RawDocument } from './raw-document.ts';

// On macOS Claude Code keeps its credentials in the login keychain, and reads them with Apple's own program; so is it done
// here, because an item may ask its owner anew for every other program. Written after what is published of it, and tried
// with a stand-in for that program only, not on a Mac.

const securityPath = '/usr/bin/security';
/** `security`: the item could not be found. */
const notFound = 44;
/** A line of `security -i` that is longer is cut, and the item would be broken. */
const longestLine = 4000;
/** A dialog may be open, waiting for its person. */
const timeoutMs = 120_000;

export type KeychainItem = { service: string; account: string };

/** The name of the item; `folder` null for the usual folder, which has none in its name. */
export const keychainItem = (folder: string | null, account = userInfo().username): KeychainItem => {
  const suffix =
    folder === null
      ? ''
      : `-${createHash('sha256').update(folder.normalize('NFC')).digest('hex').slice(0, 8)}`;
  return { service: `Claude Code-credentials${suffix}`, account };
};

type Ran = { code: number; stdout: string };

const run = (program: string, args: readonly string[], input: string): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: timeoutMs, encoding: 'utf8' }, (error, stdout) => {
      if (error === null) resolve({ code: 0, stdout });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout: '' });
      else reject(error);
    });
    child.stdin?.on('error', () => {}).end(input);
  });

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

const unavailable = (what: string, cause?: unknown): CcrError =>
  new CcrError('store_unavailable', `Claude Code's item in the keychain ${what}`, {
    hint: 'unlock the keychain, and allow access when it asks',
    cause,
  });

/** The program prints what holds more than ASCII in hexadecimal. */
const plain = (printed: string): string =>
  /^(?:[0-9a-f]{2})+$/i.test(printed) ? Buffer.from(printed, 'hex').toString('utf8') : printed;

/** That item as a document. The secret goes to the program on its stdin: its arguments are open to all. */
export const claudeCodeKeychain = (item: KeychainItem, program = securityPath): RawDocument => {
  const security = async (args: readonly string[], input = ''): Promise<Ran> => {
    try {
      return await run(program, args, input);
    } catch (error) {
      throw unavailable('does not answer', error);
    }
  };
  const read = async (): Promise<string | null> => {
    const args = ['find-generic-password', '-s', item.service, '-a', item.account, '-w'];
    const { code, stdout } = await security(args);
    if (code === notFound) return null;
    if (code !== 0) throw unavailable(`cannot be read (security ended with ${code})`);
    return plain(stdout.replace(/\n$/, ''));
  };
  return {
    name: `the keychain item ${item.service}`,
    read,
    replace: async (before, after) => {
      if ((await read()) !== before) return false;
      const hex = Buffer.from(after, 'utf8').toString('hex');
      const line = `add-generic-password -U -s ${quoted(item.service)} -a ${quoted(item.account)} -X ${hex}\n`;
      if (line.length > longestLine)
        throw unavailable('is too large to be written by the program of the system');
      const { code } = await security(['-i'], line);
      if (code !== 0) throw unavailable(`cannot be written (security ended with ${code})`);
      // In this mode the program may end with 0 whatever became of the line.
      if ((await read()) !== after) throw unavailable('was not written');
      return true;
    },
  };
};
