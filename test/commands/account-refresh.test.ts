import { expect, test } from 'vitest';
import { run } from '../../source/commands/account-refresh.ts';
import { useContextHome } from '../kit/command-context.ts';
import { useInstanceHome } from '../kit/instance-home.ts';
import { startOauthMock } from '../kit/oauth-mock.ts';
import { loginFacts } from '../kit/records.ts';
import { accountRecord, writeAccounts } from './account-records.ts';

const home = useContextHome();
const running = useInstanceHome();

test('renews the login and says how long it lasts; a key is nothing to renew', async () => {
  const oauth = await startOauthMock();
  try {
    await writeAccounts(running.path, [accountRecord('key')]);
    const instance = await running.start();
    await instance.run('config.set', { key: 'oauth.tokenUrl', value: oauth.tokenUrl });
    const account = {
      name: 'plan',
      kind: 'login',
      baseUrl: 'http://127.0.0.1:9',
      priority: null,
      weight: null,
    } as const;
    const text = JSON.stringify({ ...oauth.issue('plan'), expiresAt: Date.now() + 3_600_000 });
    await instance.run('account.add', { ...account, login: loginFacts(), force: false }, Buffer.from(text));
    const env = { CCR_TUI_HOME: running.path };
    const plan = home.context({ positionals: ['plan'], env });
    expect(await run(plan.context)).toBe(0);
    expect(plan.stdout()).toMatch(/^refreshed plan; its token lasts [78]h\d\dm\n$/);
    await expect(run(home.context({ positionals: ['key'], env }).context)).rejects.toMatchObject({
      exitCode: 2,
    });
  } finally {
    await oauth.close();
  }
});
