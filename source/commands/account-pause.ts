import { restingView } from './account-json.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printLines } from './print.ts';

const setPaused = (context: CommandContext, account: string, paused: boolean): Promise<{ name: string }> =>
  carryOut(context, paused ? 'account.pause' : 'account.resume', { account }, async () => {
    const record = await (await openAccountBook(context)).setPaused(account, paused);
    return restingView(record, context.clock.now());
  });

/** `account pause NAME` and `account resume NAME`: kept in the record, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const paused = context.action === 'account.pause';
  const { name } = await setPaused(context, context.positionals[0] ?? '', paused);
  await printLines(context.stdout, [`${paused ? 'paused' : 'resumed'} ${name}`]);
  return 0;
};
