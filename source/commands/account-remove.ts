import { resolvePaths } from '../config/paths.ts';
import { auditOf } from '../shared/audit-event.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printLines } from './print.ts';
import { askInstance } from './reach-instance.ts';
import { recordAudit } from './record-audit.ts';

type Removed = { name: string; notice: string | null };

const remove = (context: CommandContext, account: string): Promise<Removed> =>
  askInstance<Removed>(
    resolvePaths(context.env),
    async (instance) => {
      const { name, notice = null } = await instance.run('account.remove', { account });
      return { name, notice };
    },
    async () => {
      const { record, notice } = await (await openAccountBook(context)).remove(account);
      const removed = { name: record.name, notice };
      await recordAudit(context, auditOf({ name: 'account.remove', args: { account } }, removed));
      return removed;
    },
  );

/** `account remove NAME`: the record and its secret, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const { name, notice } = await remove(context, context.positionals[0] ?? '');
  if (notice !== null) await printLines(context.stderr, [`ccr-tui: ${notice}`]);
  await printLines(context.stdout, [`removed ${name}`]);
  return 0;
};
