import { resolvePaths } from '../config/paths.ts';
import { countdown } from '../shared/duration.ts';
import { accountJson } from './account-json.ts';
import type { CommandContext } from './context.ts';
import { printJson, printLines } from './print.ts';
import { askRunning } from './reach-instance.ts';

/** `account refresh NAME`: renews a Claude login now, through the instance that keeps it alive. Needs one. */
export const run = async (context: CommandContext): Promise<number> => {
  const { env, positionals, options, stdout, clock } = context;
  const account = positionals[0] ?? '';
  const view = await askRunning(
    resolvePaths(env),
    (instance) => instance.run('account.refresh', { account }),
    'start ccr-tui; it renews logins by itself, and when it starts',
  );
  const now = clock.now();
  const end =
    view.tokenExpiresAt === undefined ? '' : `; its token lasts ${countdown(view.tokenExpiresAt, now)}`;
  if (options['json'] === true) await printJson(stdout, accountJson(view, now));
  else await printLines(stdout, [`refreshed ${view.name}${end}`]);
  return 0;
};
