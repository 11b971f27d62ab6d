import { expect, test } from 'vitest';
import { run } from '../../source/commands/account-test.ts';
import { useContextHome } from '../kit/command-context.ts';
import { useInstanceHome } from '../kit/instance-home.ts';
import { accountRecord, writeAccounts } from './account-records.ts';

const home = useContextHome();
const running = useInstanceHome();

test('says in words why an account does not work, with exit code 1', async () => {
  await writeAccounts(running.path, [accountRecord('work')]);
  await running.start();
  const env = { CCR_TUI_HOME: running.path };
  const { context, stdout, stderr } = home.context({ positionals: ['work'], env });
  expect(await run(context)).toBe(1);
  expect(stderr()).toBe(
    'ccr-tui: work does not work: GET https://relay.example/v1/models: its secret is not in the vault; remove the account and add it again\n',
  );
  expect(stdout()).toBe('');
  const json = home.context({ positionals: ['work'], options: { json: true }, env });
  expect(await run(json.context)).toBe(1);
  expect(JSON.parse(json.stdout())).toMatchObject({ account: 'work', ok: false, status: null, models: null });
});
