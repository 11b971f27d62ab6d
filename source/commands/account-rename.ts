import { checkName } from '../credentials/account-input.ts';
import { restingView } from './account-json.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printLines } from './print.ts';

/** `account rename NAME NEW`: the same account under another name; its limits, its secret and client keys stay with it. */
export const run = async (context: CommandContext): Promise<number> => {
  const [account = '', wanted = ''] = context.positionals;
  const to = checkName(wanted);
  const { name } = await carryOut(context, 'account.rename', { account, to }, async () => {
    const record = await (await openAccountBook(context)).rename(account, to);
    return restingView(record, context.clock.now());
  });
  await printLines(context.stdout, [`renamed ${account} to ${name}`]);
  return 0;
};
