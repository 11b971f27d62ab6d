import type { Settings } from './config/settings.ts';
import { loginText } from './credentials/login.ts';
import { demoAccounts, demoKey } from './demo/accounts.ts';
import type { ProxyWorker } from './proxy/worker-client.ts';
import type { Clock } from './shared/clock.ts';
import { Secret } from './shared/secret.ts';
import type { Store } from './store/store.ts';
import { asEpoch, isLoginKind, type AccountId, type AccountRecord, type EpochMs } from './shared/types.ts';

const idOf = (name: string): AccountId => `demo-${name}` as AccountId;

/** The settings of a demo: its logins are renewed and asked for at the simulated provider at that URL, and nowhere else. */
export const demoSettings = (
  url: string,
  { config }: Settings,
): Pick<Settings['config'], 'oauth' | 'usagePollMs' | 'holdMs'> => ({
  oauth: {
    ...config.oauth,
    tokenUrl: `${url}/v1/oauth/token`,
    authorizeUrl: `${url}/oauth/authorize`,
    consoleAuthorizeUrl: `${url}/oauth/authorize`,
    usageUrl: `${url}/api/oauth/usage`,
    profileUrl: `${url}/api/oauth/profile`,
  },
  // Read by `readUsage`: read by itself, at one start before the first requests and at the next one after them, it would
  // have the same people go to other accounts.
  usagePollMs: 0,
  // Off by default: here nobody is sent away while all accounts are spent, and a viewer sees requests wait.
  holdMs: 30_000,
});

const loginFacts = { linkedTo: null, accountUuid: null, organization: 'Demo' };

/** As long as that of a real one. */
const tokenLifeMs = 8 * 3_600_000;

const secretOf = (name: string, kind: AccountRecord['kind'], now: EpochMs): Secret => {
  const token = new Secret(demoKey(name));
  if (kind !== 'login') return token;
  const expiresAt = asEpoch(now + tokenLifeMs);
  return loginText({ accessToken: token, refreshToken: token, expiresAt, scopes: [] });
};

/** Gives the proxy the accounts of the demo, which are at the simulated provider at that URL. Rejects when it has ended. */
export const giveDemoAccounts = async (
  proxy: Pick<ProxyWorker, 'putSecret' | 'setAccounts'>,
  baseUrl: string,
  now: EpochMs,
): Promise<AccountRecord[]> => {
  const records = demoAccounts.map(({ name, kind, plan, priority }): AccountRecord => ({
    id: idOf(name),
    name,
    kind,
    baseUrl,
    priority,
    weight: 1,
    paused: false,
    store: 'memory',
    createdAt: now,
    ...(isLoginKind(kind) && { login: { ...loginFacts, plan, termsAcceptedAt: now } }),
  }));
  // The secrets first: an account without one would say that it cannot serve.
  await Promise.all(
    records.map(({ id, name, kind }) => proxy.putSecret(id, secretOf(name, kind, now), 'memory')),
  );
  proxy.setAccounts(records);
  return records;
};

/** Gives it the token that an account of the demo has after so many new ones. Never rejects: a demo that ends needs none. */
export const giveToken = async (
  proxy: Pick<ProxyWorker, 'putSecret'>,
  name: string,
  renewals: number,
): Promise<void> => {
  await proxy.putSecret(idOf(name), new Secret(demoKey(name, renewals)), 'memory').catch(() => undefined);
};

/** Has the windows read that answers tell of too late, or never, as soon as the first request has ended. */
export const readUsage = (
  proxy: Pick<ProxyWorker, 'readUsage'>,
  store: Pick<Store, 'state' | 'subscribe'>,
  records: readonly AccountRecord[],
): void => {
  const unsubscribe = store.subscribe(() => {
    if (store.state().totals.requests === 0) return;
    unsubscribe();
    // The simulated provider answers; a demo that has ended meanwhile needs nothing more.
    for (const { id, kind } of records) if (kind === 'login') proxy.readUsage(id).catch(() => undefined);
  });
};

/**
 * Gives logins a later end long before theirs, until the function that it returns is called: to renew one as the program does it
 * would have to be written down first, and a demo writes nothing. Every `everyMs`.
 */
export const keepLogins = (
  proxy: Pick<ProxyWorker, 'putSecret'>,
  records: readonly AccountRecord[],
  clock: Pick<Clock, 'now'>,
  everyMs: number = tokenLifeMs / 2,
): (() => void) => {
  const logins = records.filter(({ kind }) => kind === 'login');
  const timer = setInterval(() => {
    for (const { id, name, kind } of logins) {
      proxy.putSecret(id, secretOf(name, kind, clock.now()), 'memory').catch(() => undefined);
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
};
