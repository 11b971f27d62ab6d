import { resolvePaths } from '../config/paths.ts';
import type { CommandContext } from './context.ts';
import { printLines } from './print.ts';
import { askRunning } from './reach-instance.ts';

/** `account reset NAME`: the running instance forgets limits and failures of the account. Needs one. */
export const run = async ({ env, positionals, stdout }: CommandContext): Promise<number> => {
  const account = positionals[0] ?? '';
  const { name, state } = await askRunning(
    resolvePaths(env),
    (instance) => instance.run('account.reset', { account }),
    'start ccr-tui; it goes by what is known of limits, and forgets it',
  );
  await printLines(stdout, [`reset ${name}; it is ${state}`]);
  return 0;
};
