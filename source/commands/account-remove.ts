import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printLines } from './print.ts';

/** `account remove NAME`: the record and its secret, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const account = context.positionals[0] ?? '';
  const { name, notice = null } = await carryOut(context, 'account.remove', { account }, async () => {
    const removed = await (await openAccountBook(context)).remove(account);
    return { name: removed.record.name, notice: removed.notice };
  });
  if (notice !== null) await printLines(context.stderr, [`ccr-tui: ${notice}`]);
  await printLines(context.stdout, [`removed ${name}`]);
  return 0;
};
