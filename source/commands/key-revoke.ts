import type { CommandContext } from './context.ts';
import { openKeyRing } from './key-ring.ts';
import { printLines } from './print.ts';

/** `key revoke NAME`: the key opens nothing any more, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const { name } = await openKeyRing(context).revoke(context.positionals[0] ?? '', null);
  await printLines(context.stdout, [`revoked ${name}`]);
  return 0;
};
