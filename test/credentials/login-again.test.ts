import { describe, expect, it } from 'vitest';
import { isOtherAccount, loginAgain } from '../../source/credentials/login-again.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch, type AccountId, type AccountRecord, type LoginFacts } from '../../source/shared/types.ts';

const facts: LoginFacts = {
  termsAcceptedAt: asEpoch(1_000),
  linkedTo: null,
  accountUuid: 'uuid-1',
  organization: 'Org',
  plan: 'max',
};
const record = (change: Partial<AccountRecord> = {}): AccountRecord => ({
  id: 'id-1' as AccountId,
  name: 'home',
  kind: 'login',
  baseUrl: 'https://api.anthropic.com',
  priority: 7,
  weight: 2,
  paused: true,
  store: 'vault',
  createdAt: asEpoch(5),
  caps: { '5h': 0.5 },
  login: facts,
  ...change,
});
const told = (change: Partial<LoginFacts> = {}): LoginFacts => ({
  ...facts,
  termsAcceptedAt: asEpoch(2_000),
  plan: null,
  ...change,
});
const text = '{"accessToken":"sk-ant-oat01-new","refreshToken":"sk-ant-ort01-new"}';

const start = (accounts: readonly AccountRecord[] = [record()]) => {
  const stored: string[] = [];
  let records = [...accounts];
  const again = (given: LoginFacts, { wanted = 'home', force = false, secret = text, fails = false } = {}) =>
    loginAgain(
      {
        document: { updateAccounts: async (change) => (records = [...change(records)]) },
        readAccounts: () => records,
        async replaceLogin({ id }, login) {
          if (fails) throw new Error('the store does not answer');
          stored.push(`${id} ${login.reveal()}`);
        },
      },
      wanted,
      { secret: new Secret(secret), facts: given, force },
    );
  return { again, stored, records: () => records };
};

describe('signing in again', () => {
  it('replaces the login and keeps all else, the date of the yes too', async () => {
    const { again, stored, records } = start();
    expect(await again(told())).toEqual(record());
    expect(records()).toEqual([record()]);
    expect(stored).toEqual([`id-1 ${text}`]);
  });

  it('keeps what was not told anew, of the same account', async () => {
    const { again } = start();
    const after = await again(told({ accountUuid: null, organization: null }));
    expect(after.login).toEqual(facts);
  });

  it('learns whose it is, where nobody had said', async () => {
    const { again } = start([record({ login: { ...facts, accountUuid: null, organization: null } })]);
    expect((await again(told({ organization: 'New Org' }))).login).toEqual({
      ...facts,
      organization: 'New Org',
    });
  });

  it.each([
    ['with another account than before', {}, {}, told({ accountUuid: 'uuid-2' }), 'sign_in_failed'],
    ['to no account', {}, { wanted: 'nobody' }, told(), 'unknown_account'],
    ['to a key', { kind: 'api-key' }, {}, told(), 'unsupported_kind'],
    [
      'to the login of a Claude Code',
      { login: { ...facts, linkedTo: '/x' } },
      {},
      told(),
      'unsupported_kind',
    ],
    ['with what is no login', {}, { secret: 'sk-ant-oat01-x' }, told(), 'bad_secret'],
  ] as const)('%s is refused and changes nothing', async (_, change, options, given, code) => {
    const before = record(change);
    const { again, stored, records } = start([before]);
    await expect(again(given, options)).rejects.toMatchObject({ code });
    expect([stored, records()]).toEqual([[], [before]]);
  });

  it('with another account is taken by force, and nothing of the one before is said of it', async () => {
    const { again } = start();
    const after = await again(told({ accountUuid: 'uuid-2', organization: null }), { force: true });
    expect(after.login).toEqual({ ...facts, accountUuid: 'uuid-2', organization: null, plan: null });
  });

  it('changes nothing when the login cannot be stored', async () => {
    const { again, records } = start();
    await expect(again(told({ organization: 'New Org' }), { fails: true })).rejects.toThrow(
      'does not answer',
    );
    expect(records()).toEqual([record()]);
  });
});

it('another account is one that is known to be', () => {
  expect(isOtherAccount(record(), { accountUuid: 'uuid-2' })).toBe(true);
  expect(isOtherAccount(record(), { accountUuid: 'uuid-1' })).toBe(false);
  expect(isOtherAccount(record(), { accountUuid: null })).toBe(false);
  expect(isOtherAccount({}, { accountUuid: 'uuid-2' })).toBe(false);
});
