import { resolvePaths } from '../config/paths.ts';
import { elapsed } from '../shared/duration.ts';
import { plural } from '../shared/plural.ts';
import type { CommandContext } from './context.ts';
import { printJson, printLines } from './print.ts';
import { askRunning } from './reach-instance.ts';

/**
 * `account test NAME`: asks the provider for its models with that account, through the running instance and the way out
 * that its traffic takes. No model runs. Exit code 1 when it does not work.
 */
export const run = async ({ env, positionals, options, stdout, stderr }: CommandContext): Promise<number> => {
  const account = positionals[0] ?? '';
  const tested = await askRunning(
    resolvePaths(env),
    (instance) => instance.run('account.test', { account }),
    'start ccr-tui; accounts are tested over its connections',
  );
  const { account: name, problem, ...figures } = tested;
  if (options['json'] === true)
    await printJson(stdout, { account: name, ok: problem === null, ...figures, problem });
  else if (problem === null) {
    const models = plural(tested.models ?? 0, 'model');
    const answered = `${tested.status} in ${elapsed(tested.ms)}, ${models}`;
    await printLines(stdout, [`${name} works: GET ${tested.url} answered ${answered}; no model ran`]);
  } else await printLines(stderr, [`ccr-tui: ${name} does not work: GET ${tested.url}: ${problem}`]);
  return problem === null ? 0 : 1;
};
