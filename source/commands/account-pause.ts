import { CcrError } from '../shared/errors.ts';
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

const setAllPaused = (context: CommandContext, paused: boolean): Promise<{ names: string[] }> =>
  carryOut(context, paused ? 'account.pauseAll' : 'account.resumeAll', {}, async () => {
    const records = await (await openAccountBook(context)).setAllPaused(paused);
    return { names: records.map(({ name }) => name) };
  });

/** Names of the accounts that it was done to; empty when all were so already. */
const carryOutFor = async (context: CommandContext, paused: boolean): Promise<string[]> => {
  const [account] = context.positionals;
  const all = context.options['all'] === true;
  if (all === (account !== undefined)) {
    const verb = paused ? 'pause' : 'resume';
    throw new CcrError('usage', `account ${verb} needs NAME, or --all, and not both`, {
      hint: `see ccr-tui account ${verb} --help`,
    });
  }
  if (account === undefined) return (await setAllPaused(context, paused)).names;
  return [(await setPaused(context, account, paused)).name];
};

/** `account pause` and `account resume`, of `NAME` or `--all`: kept in the record, in a running instance at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const paused = context.action === 'account.pause';
  const names = await carryOutFor(context, paused);
  const word = paused ? 'paused' : 'resumed';
  const lines = names.map((name) => `${word} ${name}`);
  await printLines(context.stdout, lines.length > 0 ? lines : [`no account had to be ${word}`]);
  return 0;
};
