import { resolvePaths } from '../config/paths.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printLines } from './print.ts';
import { reachInstance } from './reach-instance.ts';

const setPaused = async (
  context: CommandContext,
  account: string,
  paused: boolean,
): Promise<{ name: string }> => {
  const instance = await reachInstance(resolvePaths(context.env));
  if (instance === null) return (await openAccountBook(context)).setPaused(account, paused);
  try {
    return await instance.run(paused ? 'account.pause' : 'account.resume', { account });
  } finally {
    instance.close();
  }
};

/** `account pause NAME` and `account resume NAME`: kept in the record, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const paused = context.action === 'account.pause';
  const { name } = await setPaused(context, context.positionals[0] ?? '', paused);
  await printLines(context.stdout, [`${paused ? 'paused' : 'resumed'} ${name}`]);
  return 0;
};
