import { passphraseFileOf, readPassphraseFile } from '../credentials/passphrase-file.ts';
import type { PassphraseSource } from '../credentials/vault-keys.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { takeSecret } from '../shared/secret-bytes.ts';
import type { CommandContext } from './context.ts';
import { readSecret } from './read-secret.ts';

type Asking = Pick<CommandContext, 'env' | 'stdin' | 'stderr'>;

const ask = async ({ stdin, stderr }: Asking, question: string): Promise<Secret | null> => {
  const bytes = await readSecret(stdin, stderr, question);
  return bytes === null ? null : takeSecret(bytes);
};

/** Where a command that opens the vault itself finds its passphrase: in a file, else it asks the person at the terminal. */
export const passphraseSource = (context: Asking): PassphraseSource => ({
  atHand: () => {
    const file = passphraseFileOf(context.env);
    return file === null ? null : readPassphraseFile(file);
  },
  ...(context.stdin.isTTY && { ask: () => ask(context, 'passphrase of the vault (not shown): ') }),
});

/** Where the passphrase of a backup comes from: a person at the terminal, else one line on stdin. */
export const backupPassphrase = async (context: Asking): Promise<PassphraseSource> => {
  const asking = (): Promise<Secret | null> => ask(context, 'passphrase of the backup (not shown): ');
  if (context.stdin.isTTY) return { atHand: () => null, ask: asking };
  const piped = await asking();
  return { atHand: () => piped };
};

/**
 * A passphrase that nothing has been locked with yet: from that file, else typed twice, else one line on stdin. Null when the
 * person gave up. Throws `bad_secret` when what was typed differs.
 */
export const newPassphrase = async (
  context: Asking,
  { file, what }: { file: string | null; what: string },
): Promise<Secret | null> => {
  if (file !== null) return readPassphraseFile({ path: file, fromSystemd: false });
  const first = await ask(context, `new passphrase ${what} (not shown): `);
  if (first === null || !context.stdin.isTTY) return first;
  const second = await ask(context, 'once more: ');
  if (second === null) return null;
  if (first.reveal() === second.reveal()) return first;
  throw new CcrError('bad_secret', 'the two passphrases are not the same', { hint: 'nothing was changed' });
};
