import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { findAccount } from '../credentials/find-account.ts';
import { changeAccount } from '../credentials/change-account.ts';
import type { AccountChange } from '../shared/commands.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { refuseOwnAddress } from '../credentials/account-input.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountRecord, AccountView } from '../shared/types.ts';
import { accountJson, restingView } from './account-json.ts';
import { readAccountOptions } from './account-options.ts';
import { capsText, concurrentText, modelsText, overageText } from './account-words.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import { printJson, printLines } from './print.ts';

const settings = ({ priority, weight, caps, models, overage, concurrent, baseUrl }: AccountView): string =>
  [
    `priority ${priority}`,
    `weight ${weight}`,
    `caps ${capsText(caps)}`,
    `models ${modelsText(models)}`,
    ...(overage === undefined ? [] : [`overage ${overageText(overage)}`]),
    ...(concurrent === undefined ? [] : [`concurrent ${concurrentText(concurrent)}`]),
    baseUrl,
  ].join(', ');

/** The change, if it can be made; else everything that is wrong with it at once. */
const wanted = (record: AccountRecord, options: GivenOptions): AccountChange => {
  const { change, problems } = readAccountOptions(options);
  try {
    changeAccount(record, change);
  } catch (error) {
    if (!(error instanceof CcrError)) throw error;
    throw new CcrError('usage', error.message, { problems: [...problems, ...error.problems] });
  }
  if (problems.length > 0) throw new CcrError('usage', 'the options have problems', { problems });
  return change;
};

/** `account set NAME`: changes what was given, prints how it stands now. Everything that is wrong is named at once. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, env, stdout, clock } = context;
  const account = positionals[0] ?? '';
  const { accounts, config } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
  const change = wanted(findAccount(accounts, account), options);
  if (Object.values(change).every((value) => value === null)) {
    throw new CcrError('usage', 'there is nothing to change', {
      hint: 'give --priority, --weight, --cap, --models, --overage, --concurrent or --base-url',
    });
  }
  refuseOwnAddress(change.baseUrl, config);
  const args = { account, ...change };
  const changed = await carryOut(context, 'account.set', args, async () => {
    return restingView(await (await openAccountBook(context)).change(account, change), clock.now());
  });
  if (options['json'] === true) await printJson(stdout, accountJson(changed, clock.now()));
  else await printLines(stdout, [`${changed.name}: ${settings(changed)}`]);
  return 0;
};
