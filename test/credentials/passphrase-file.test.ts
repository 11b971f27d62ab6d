import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { passphraseFileOf, readPassphraseFile } from '../../source/credentials/passphrase-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-passphrase-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const file = (content: string | Uint8Array, mode = 0o600): string => {
  const path = join(folder, `file-${(count += 1)}`);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};
const read = (path: string, fromSystemd = false): string =>
  readPassphraseFile({ path, fromSystemd }).reveal();

describe('where the passphrase of a process is', () => {
  test('is what the environment names, before what systemd has', () => {
    const credentials = join(folder, 'credentials');
    mkdirSync(credentials);
    const env = { CREDENTIALS_DIRECTORY: credentials };
    expect(passphraseFileOf({})).toBeNull();
    expect(passphraseFileOf(env)).toBeNull();
    writeFileSync(join(credentials, 'ccr-tui-passphrase'), 'x');
    expect(passphraseFileOf(env)).toEqual({
      path: join(credentials, 'ccr-tui-passphrase'),
      fromSystemd: true,
    });
    const named = { ...env, CCR_TUI_PASSPHRASE_FILE: '/somewhere' };
    expect(passphraseFileOf(named)).toEqual({ path: '/somewhere', fromSystemd: false });
    expect(passphraseFileOf({ CCR_TUI_PASSPHRASE_FILE: '' })).toBeNull();
  });
});

describe('the passphrase in a file', () => {
  test.each([
    ['correct horse\n', 'correct horse'],
    ['correct horse\r\nsecond line\n', 'correct horse'],
    ['no line end', 'no line end'],
    [' spaces stay \n', ' spaces stay '],
    ['pässwörd 🐎\n', 'pässwörd 🐎'],
  ])('is its first line: %j', (content, passphrase) => {
    expect(read(file(content))).toBe(passphrase);
  });

  test('may be reached through a link, as secrets that are mounted are', () => {
    const link = join(folder, 'link');
    symlinkSync(file('linked\n'), link);
    expect(read(link)).toBe('linked');
  });

  test.each([
    ['empty', () => file(''), 'has nothing in its first line'],
    ['empty in its first line', () => file('\nsecond\n'), 'has nothing in its first line'],
    ['missing', () => join(folder, 'nowhere'), 'does not exist'],
    ['a folder', () => folder, 'is not a regular file'],
    ['huge', () => file('x'.repeat(70_000)), 'is over 64 KiB'],
    ['open to the group', () => file('x', 0o640), 'is open to other users'],
    ['open to all', () => file('x', 0o604), 'is open to other users'],
    [
      'a FIFO that nobody writes to',
      () => {
        const path = join(folder, 'fifo');
        execFileSync('mkfifo', [path]);
        return path;
      },
      'is not a regular file',
    ],
  ])('is refused when it is %s', (_, make, what) => {
    const path = make();
    expect(() => read(path)).toThrow(`the passphrase file ${path} ${what}`);
  });

  test('of systemd may have the modes that systemd gives, but never be open to all', () => {
    expect(read(file('x', 0o440), true)).toBe('x');
    expect(() => read(file('x', 0o444), true)).toThrow('is open to other users');
  });
});
