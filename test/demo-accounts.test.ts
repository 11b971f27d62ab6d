import { describe, expect, it } from 'vitest';
import { loadSettings } from '../source/config/settings.ts';
import { resolvePaths } from '../source/config/paths.ts';
import { loginFromText } from '../source/credentials/login.ts';
import { demoSettings, giveDemoAccounts, giveToken, keepLogins } from '../source/demo-accounts.ts';
import { demoAccounts, demoKey } from '../source/demo/accounts.ts';
import type { Secret } from '../source/shared/secret.ts';
import { asEpoch, type AccountId, type AccountRecord } from '../source/shared/types.ts';

const url = 'http://127.0.0.1:4999';
const now = asEpoch(1_795_330_800_000);

/** What a proxy is given, in order. */
const createReceiver = () => {
  const order: string[] = [];
  const secrets = new Map<AccountId, string>();
  return {
    order,
    secrets,
    async putSecret(id: AccountId, secret: Secret) {
      order.push('secret');
      secrets.set(id, secret.reveal());
      return { store: 'memory' as const, notice: null };
    },
    setAccounts(records: AccountRecord[]) {
      order.push(`${records.length} accounts`);
    },
  };
};

describe('the accounts that a demo gives its proxy', () => {
  it('have their secrets before the proxy knows of them, and none in what is kept of them', async () => {
    const receiver = createReceiver();
    const records = await giveDemoAccounts(receiver, url, now);
    expect(receiver.order.at(-1)).toBe(`${demoAccounts.length} accounts`);
    expect(receiver.order.filter((each) => each === 'secret')).toHaveLength(demoAccounts.length);
    for (const { id, name, kind, baseUrl, store } of records) {
      const secret = receiver.secrets.get(id) ?? '';
      const token = kind === 'login' ? loginFromText(secret)?.accessToken.reveal() : secret;
      expect({ token, baseUrl, store }).toEqual({ token: demoKey(name), baseUrl: url, store: 'memory' });
    }
    for (const record of records) expect(JSON.stringify({ ...record, id: '' })).not.toMatch(/demo-/);
  });

  it('know of their logins alone what a provider says of them', async () => {
    const records = await giveDemoAccounts(createReceiver(), url, now);
    expect(records.map(({ name, login }) => [name, login?.plan])).toEqual([
      ['work', 'team'],
      ['home', 'max'],
      ['lab', null],
      ['team-a', undefined],
      ['relay', undefined],
    ]);
  });

  it('can be given a new token, which a demo that has ended does not mind', async () => {
    const receiver = createReceiver();
    await giveToken(receiver, 'lab', 1);
    expect([...receiver.secrets.values()]).toEqual([demoKey('lab', 1)]);
    await giveToken({ putSecret: () => Promise.reject(new Error('it has ended')) }, 'lab', 2);
  });
});

it('the logins of a demo that runs for days have a token all the time, and no other account is touched', async () => {
  const records = await giveDemoAccounts(createReceiver(), url, now);
  const given = new Map<string, number | null>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const later = asEpoch(now + 3 * 86_400_000);
  const putSecret = async (id: AccountId, secret: Secret) => {
    given.set(id, loginFromText(secret.reveal())?.expiresAt ?? null);
    if (given.size === 2) resolve();
    return { store: 'memory' as const, notice: null };
  };
  const stop = keepLogins({ putSecret }, records, { now: () => later }, 1);
  await promise;
  stop();
  expect([...given.keys()]).toEqual(records.filter(({ kind }) => kind === 'login').map(({ id }) => id));
  for (const end of given.values()) expect(end).toBeGreaterThan(later);
});

it('no login of a demo is renewed, signed in or asked for anywhere but at its own provider', () => {
  const settings = loadSettings({ paths: resolvePaths({ CCR_TUI_HOME: '/nowhere' }), env: {}, flags: {} });
  const { oauth, usagePollMs } = demoSettings(url, settings);
  const urls = Object.entries(oauth).filter(([name]) => name.endsWith('Url'));
  expect(urls).toHaveLength(5);
  for (const [, value] of urls) expect(new URL(String(value)).origin).toBe(url);
  expect(usagePollMs).toBe(0);
});
