import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { AccountView } from '../shared/types.ts';
import { accountJson, restingView } from './account-json.ts';
import { accountTable } from './account-table.ts';
import type { CommandContext } from './context.ts';
import { print, printJson, printLines } from './print.ts';
import { askInstance } from './reach-instance.ts';

/** The accounts as the running instance knows them, or their records when none runs. */
export const readAccounts = ({ env, clock }: CommandContext): Promise<AccountView[]> => {
  const paths = resolvePaths(env);
  return askInstance(
    paths,
    (instance) => instance.run('account.list', {}),
    () => loadSettings({ paths, env, flags: {} }).accounts.map((record) => restingView(record, clock.now())),
  );
};

/** `account list`: what the running instance knows of each account, or the records when none runs. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, stdout, stderr, clock } = context;
  const accounts = await readAccounts(context);
  const now = clock.now();
  if (options['json'] === true) {
    await printJson(
      stdout,
      accounts.map((account) => accountJson(account, now)),
    );
  } else if (accounts.length === 0)
    await print(stderr, 'no account yet; add one: ccr-tui account add NAME\n');
  else await printLines(stdout, accountTable(accounts, now, stdout.columns));
  return 0;
};
