import { expect, test } from 'vitest';
import { run } from '../../source/commands/account-reset.ts';
import { useContextHome } from '../kit/command-context.ts';
import { useInstanceHome } from '../kit/instance-home.ts';
import { accountRecord, writeAccounts } from './account-records.ts';

const home = useContextHome();
const running = useInstanceHome();

test('says what the account is afterwards', async () => {
  await writeAccounts(running.path, [accountRecord('work', { paused: true })]);
  await running.start();
  const env = { CCR_TUI_HOME: running.path };
  const { context, stdout } = home.context({ positionals: ['work'], env });
  expect(await run(context)).toBe(0);
  expect(stdout()).toBe('reset work; it is paused\n');
  await expect(run(home.context({ positionals: ['wrok'], env }).context)).rejects.toMatchObject({
    exitCode: 3,
  });
});
