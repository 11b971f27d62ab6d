import { CcrError } from '../shared/errors.ts';
import { restingView } from './account-json.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printLines } from './print.ts';

/** `account prefer NAME`, or `--none`: kept in the record, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const [account = null] = context.positionals;
  const none = context.options['none'] === true;
  if (none === (account !== null)) {
    throw new CcrError('usage', 'account prefer needs NAME, or --none, and not both', {
      hint: 'see ccr-tui account prefer --help',
    });
  }
  const preferred = await carryOut(context, 'account.prefer', { account }, async () => {
    const record = await (await openAccountBook(context)).prefer(account);
    return record && restingView(record, context.clock.now());
  });
  const line = preferred === null ? 'no account is preferred' : `new work goes to ${preferred.name} first`;
  await printLines(context.stdout, [line]);
  return 0;
};
