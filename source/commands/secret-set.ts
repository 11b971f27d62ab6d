import { checkSecretName } from '../credentials/secret-name.ts';
import { takeSecret } from '../shared/secret-bytes.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openSecretBook } from './open-secret-book.ts';
import { printLines } from './print.ts';
import { readSecret } from './read-secret.ts';

/** `secret set NAME`: one line on stdin or at a hidden prompt, kept under that name in place of an earlier one. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, env, stdin, stdout, stderr } = context;
  const name = checkSecretName(positionals[0] ?? '');
  const bytes = await readSecret(stdin, stderr, `secret ${name} (not shown): `);
  if (bytes === null) return 130;
  try {
    const here = async () => (await openSecretBook(context)).set(name, takeSecret(bytes));
    const { store, notice } = await carryOut(context, 'secret.set', { name }, here, () => bytes);
    if (notice !== null) await printLines(stderr, [`ccr-tui: ${notice}`]);
    if (env[name] !== undefined && env[name] !== '') {
      await printLines(stderr, [
        `ccr-tui: ${name} is in the environment, too; the stored one goes before it`,
      ]);
    }
    await printLines(stdout, [`stored ${name} in ${secretPlaces[store]}; $${name} stands for it`]);
    return 0;
  } finally {
    bytes.fill(0);
  }
};
