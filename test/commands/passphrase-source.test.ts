import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newPassphrase, passphraseSource } from '../../source/commands/passphrase-source.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();

const fileWith = (text: string): string => {
  const path = join(home.path, 'passphrase');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

test('a command finds the passphrase in the file that is named, and asks nobody without a terminal', () => {
  const CCR_TUI_PASSPHRASE_FILE = fileWith('from the file\n');
  const named = passphraseSource(home.context({ env: { CCR_TUI_PASSPHRASE_FILE } }).context);
  expect(named.atHand()?.reveal()).toBe('from the file');
  const none = passphraseSource(home.context().context);
  expect([none.atHand(), none.ask]).toEqual([null, undefined]);
});

test('a new one comes from a file, or is one line on stdin', async () => {
  const { context, stderr } = home.context();
  const file = fileWith('from the file\n');
  expect((await newPassphrase(context, { file, what: 'of the vault' }))?.reveal()).toBe('from the file');
  context.stdin.push('from a pipe\n');
  expect((await newPassphrase(context, { file: null, what: 'of the vault' }))?.reveal()).toBe('from a pipe');
  expect(stderr()).toBe('');
});
