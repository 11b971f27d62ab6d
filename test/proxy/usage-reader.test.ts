import { afterEach, describe, expect, test } from 'vitest';
import { readLimits } from '../../source/balancer/limits.ts';
import type { Profile } from '../../source/credentials/profile.ts';
import { AccountPool } from '../../source/proxy/account-pool.ts';
import { createConnectionPool } from '../../source/proxy/connection-pool.ts';
import { createUsageReader } from '../../source/proxy/usage-reader.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch, type AccountKind, type AccountRecord } from '../../source/shared/types.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { loginFacts } from '../kit/records.ts';
import { startUsageEndpoints, usageFixture } from '../kit/usage-endpoints.ts';
import { accountId, endAll, ending, record, testConfig } from './start-proxy.ts';

afterEach(endAll);

const login = loginFacts();
const work = accountId('work');

const start = async (changes: Partial<AccountRecord> = {}, kind: AccountKind = 'login') => {
  const endpoints = ending(await startUsageEndpoints());
  const clock = createFakeClock();
  const profiles: [string, Profile][] = [];
  const config = testConfig();
  const oauth = {
    ...config.oauth,
    usageUrl: `${endpoints.url}/api/oauth/usage`,
    profileUrl: `${endpoints.url}/api/oauth/profile`,
  };
  let token: Secret | null = new Secret('sk-ant-oat01-marker');
  const pool = new AccountPool({
    keeper: { get: async () => token },
    logins: { tokenOf: async () => ({ token, expiresAt: null, problem: null }) },
    clock,
    onDirty: () => undefined,
  });
  const account = { ...record({ name: 'work', url: endpoints.url, kind }), login, ...changes };
  pool.replace([account]);
  const settings = { ...config, oauth };
  const reader = createUsageReader({
    pool,
    clock,
    connections: createConnectionPool({ proxyTo: () => null, noWay: () => undefined }),
    config: () => settings,
    onProfile: (id, profile) => void profiles.push([id, profile]),
  });
  /** A tick at which it is time to ask, and the end of what it has asked. */
  const ticked = async (): Promise<void> => {
    reader.tick();
    await reader.read(work).catch(() => undefined);
  };
  return { ...endpoints, pool, clock, profiles, reader, settings, ticked, forget: () => (token = null) };
};
const sharesOf = (pool: AccountPool) =>
  Object.fromEntries(pool.viewOf(work)?.windows.map(({ id, utilization }) => [id, utilization]) ?? []);

describe('reading the usage of a login', () => {
  test('takes over its windows, and tells who it belongs to', async () => {
    const { reader, pool, profiles, seen } = await start();
    await reader.read(work);
    expect(sharesOf(pool)).toEqual({ '5h': 0.425, '7d': 0.71, '7d_oi': 0.57, overage: 0.2 });
    expect(pool.viewOf(work)?.windows[0]).toMatchObject({ source: 'usage' });
    await expect
      .poll(() => profiles)
      .toEqual([
        [work, { accountUuid: '00000000-0000-4000-8000-000000000003', organization: 'Example', plan: 'max' }],
      ]);
    expect(seen.map(({ path }) => path)).toEqual(['/api/oauth/usage', '/api/oauth/profile']);
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer sk-ant-oat01-marker',
      'anthropic-beta': expect.stringContaining('oauth-2025-04-20'),
      'user-agent': 'ccr-tui',
    });
    expect(seen[0]?.headers).not.toHaveProperty('x-api-key');
  });

  test('leaves what an answer has told meanwhile', async () => {
    const { reader, pool, clock } = await start();
    const reading = reader.read(work);
    const headers = { 'anthropic-ratelimit-unified-5h-utilization': '0.9' };
    pool.limitsSeen(work, readLimits(headers, asEpoch(clock.now() + 1)));
    await reading;
    expect(sharesOf(pool)).toMatchObject({ '5h': 0.9, '7d': 0.71 });
  });

  test('its own 429, a refused token and nonsense change nothing but the time of the next try', async () => {
    const { reader, pool, answers, clock, paths } = await start();
    const before = pool.viewOf(work);
    for (const [answer, reason] of [
      [{ status: 429, body: usageFixture('usage-429').body }, '429'],
      [{ status: 401, body: {} }, 'it refused the token'],
      [{ status: 500, body: 'x' }, 'it answered 500'],
      [{ status: 200, body: { five_hour: null } }, 'tells of no window'],
    ] as const) {
      answers['/api/oauth/usage'] = answer;
      await expect(reader.read(work)).rejects.toThrow(reason);
      await expect(reader.read(work)).rejects.toMatchObject({ hint: 'again in 60 s' });
      clock.advance(60_000);
    }
    expect(pool.viewOf(work)).toMatchObject({ ...before, state: 'ready', windows: [] });
    expect(pool.secretAtHand(work)?.reveal()).toBe('sk-ant-oat01-marker');
    expect(paths()).toEqual(['usage', 'usage', 'usage', 'usage']);
  });

  test('in the background: at once, then when nobody told of its windows for ten minutes; after failures less often', async () => {
    const { reader, clock, answers, paths, ticked } = await start({
      login: { ...login, plan: 'max', organization: 'x' },
    });
    await ticked();
    reader.tick();
    clock.advance(10 * 60_000 - 1);
    reader.tick();
    expect(paths()).toHaveLength(1);
    clock.advance(1);
    answers['/api/oauth/usage'] = { status: 429, body: {} };
    await ticked();
    expect(paths()).toHaveLength(2);
    clock.advance(20 * 60_000 - 1);
    reader.tick();
    expect(paths()).toHaveLength(2);
    clock.advance(1);
    await ticked();
    clock.advance(30 * 60_000 - 1);
    reader.tick();
    expect(paths()).toHaveLength(3);
    clock.advance(1);
    await ticked();
    expect(paths()).toHaveLength(4);
  });

  test('a profile that does not come is asked for once a day', async () => {
    const { reader, clock, answers, paths } = await start();
    answers['/api/oauth/profile'] = { status: 403, body: {} };
    await reader.read(work);
    clock.advance(3_600_000);
    await reader.read(work);
    expect(paths()).toEqual(['usage', 'profile', 'usage']);
    clock.advance(86_400_000);
    await reader.read(work);
    expect(paths()).toEqual(['usage', 'profile', 'usage', 'usage', 'profile']);
  });

  test('a token goes to no other host than it was given for, unless that was set', async () => {
    const away = await start({ baseUrl: 'https://gateway.example' });
    away.settings.oauth = testConfig().oauth;
    await expect(away.reader.read(work)).rejects.toThrow(
      'its token is for gateway.example alone; set oauth.usageUrl',
    );
    const set = await start({ baseUrl: 'http://127.0.0.1:9' });
    await set.reader.read(work);
    expect(set.paths()[0]).toBe('usage');
  });

  test('other kinds are not asked, nor is one without a token', async () => {
    const setup = await start({}, 'setup-token');
    setup.reader.tick();
    await expect(setup.reader.read(work)).rejects.toMatchObject({
      message: 'work has no usage to read',
      hint: 'its kind is setup-token, not login',
    });
    await expect(setup.reader.read(accountId('nobody'))).rejects.toMatchObject({ code: 'unknown_account' });
    const gone = await start();
    gone.forget();
    await expect(gone.reader.read(work)).rejects.toThrow('the account has no token now');
    expect([setup.seen, gone.seen]).toEqual([[], []]);
  });
});
