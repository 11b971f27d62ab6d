import { resolvePaths } from '../config/paths.ts';
import { auditOf } from '../shared/audit-event.ts';
import type { Command, CommandArgs, CommandName, CommandResults } from '../shared/commands.ts';
import { askedBy } from './asked-by.ts';
import type { CommandContext } from './context.ts';
import { askInstance, untilStarted } from './reach-instance.ts';
import { recordAudit } from './record-audit.ts';

/**
 * Has a command carried out by the instance of this home, which writes it down, as soon as it has started; without one by
 * `here`, and it is written down by this process, as an instance would have. `secret` gives the bytes that go with it to an
 * instance; they are wiped as they are sent.
 */
export const carryOut = async <Name extends CommandName>(
  context: CommandContext,
  name: Name,
  args: CommandArgs<Name>,
  here: () => Promise<CommandResults[Name]>,
  secret?: () => Uint8Array,
): Promise<CommandResults[Name]> => {
  const paths = resolvePaths(context.env);
  await untilStarted(paths);
  return askInstance<CommandResults[Name]>(
    paths,
    (instance) => instance.run(name, args, secret?.()),
    async () => {
      const result = await here();
      await recordAudit(context, auditOf({ name, args } as Command, result));
      return result;
    },
    { via: askedBy(context.env) },
  );
};
