import { expect, test } from 'vitest';
import { run as refresh } from '../../source/commands/account-refresh.ts';
import { run as reset } from '../../source/commands/account-reset.ts';
import { run as testAccount } from '../../source/commands/account-test.ts';
import { useContextHome } from '../kit/command-context.ts';
import { accountRecord, writeAccounts } from './account-records.ts';

const home = useContextHome();

test.each([
  ['refresh', refresh, 'start ccr-tui; it renews logins'],
  ['reset', reset, 'it goes by what is known of limits'],
  ['test', testAccount, 'start ccr-tui; accounts are tested'],
] as const)('account %s needs a running instance, and says so', async (_, run, hint) => {
  await writeAccounts(home.path, [accountRecord('work')]);
  await expect(run(home.context({ positionals: ['work'] }).context)).rejects.toMatchObject({
    code: 'no_instance',
    exitCode: 4,
    hint: expect.stringContaining(hint),
  });
});
