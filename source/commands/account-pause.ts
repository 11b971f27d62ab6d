import { resolvePaths } from '../config/paths.ts';
import { auditOf } from '../shared/audit-event.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printLines } from './print.ts';
import { askInstance } from './reach-instance.ts';
import { recordAudit } from './record-audit.ts';

const setPaused = (context: CommandContext, account: string, paused: boolean): Promise<{ name: string }> => {
  const name = paused ? 'account.pause' : 'account.resume';
  return askInstance<{ name: string }>(
    resolvePaths(context.env),
    (instance) => instance.run(name, { account }),
    async () => {
      const record = await (await openAccountBook(context)).setPaused(account, paused);
      await recordAudit(context, auditOf({ name, args: { account } }, record));
      return record;
    },
  );
};

/** `account pause NAME` and `account resume NAME`: kept in the record, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const paused = context.action === 'account.pause';
  const { name } = await setPaused(context, context.positionals[0] ?? '', paused);
  await printLines(context.stdout, [`${paused ? 'paused' : 'resumed'} ${name}`]);
  return 0;
};
