import { checkSecretName } from '../credentials/secret-name.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openSecretBook } from './open-secret-book.ts';
import { printLines } from './print.ts';

/** `secret delete NAME`: forgets it; accounts whose secret is `$NAME` do without from then on, or take the environment's. */
export const run = async (context: CommandContext): Promise<number> => {
  const name = checkSecretName(context.positionals[0] ?? '');
  await carryOut(context, 'secret.delete', { name }, async () =>
    (await openSecretBook(context)).delete(name),
  );
  await printLines(context.stdout, [`deleted ${name}`]);
  return 0;
};
