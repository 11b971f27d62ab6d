import { expect, test } from 'vitest';
import { recordOf } from '../../source/simulate/account-record.ts';
import type { WorldAccount } from '../../source/simulate/accounts.ts';

test('a plan is a login, and all others pay for each token; the id is the name', () => {
  const account = { name: 'main', kind: 'plan', priority: 3 } as WorldAccount;
  expect(recordOf(account)).toMatchObject({
    id: 'main',
    name: 'main',
    kind: 'login',
    priority: 3,
    paused: false,
  });
  expect(recordOf({ ...account, kind: 'api' })).toMatchObject({ kind: 'api-key' });
});
