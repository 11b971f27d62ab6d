import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startUpstream, type Upstream } from '../source/demo/upstream.ts';
import type { RunningInstance } from '../source/instance.ts';
import { unlimited } from '../source/shared/client-key.ts';
import { ask, keyOf, sdkFor } from './e2e/world.ts';
import { startOauthMock } from './kit/oauth-mock.ts';
import { startUsageEndpoints } from './kit/usage-endpoints.ts';
import { useInstanceHome } from './kit/instance-home.ts';
import { loginFacts } from './kit/records.ts';

const home = useInstanceHome();
const names = ['work', 'home'] as const;
let upstream: Upstream;
let instance: RunningInstance;

beforeEach(async () => {
  const limits = { kind: 'unified', used: { '5h': 0.7 } } as const;
  upstream = await startUpstream({ accounts: names.map((name) => ({ name, key: keyOf(name), limits })) });
  instance = await home.start();
  for (const [index, name] of names.entries()) {
    const account = { name, kind: 'api-key', baseUrl: upstream.url, weight: null, force: false } as const;
    await instance.run('account.add', { ...account, priority: index }, Buffer.from(keyOf(name)));
  }
});
afterEach(() => upstream.close());

const views = () => instance.store.state().accounts;
const view = (name: string) => views().find((each) => each.name === name);
/** Who served one request: the account's name. */
const servedBy = async (model?: string, text = 'hi'): Promise<string | null> => {
  const message = { ...ask(text), ...(model === undefined ? {} : { model }) };
  const { response } = await sdkFor(instance.bound.url).messages.create(message).withResponse();
  return response.headers.get('x-ccr-account');
};
const unchanged = { priority: null, weight: null, caps: null, models: null, baseUrl: null };
const events = (): { event: string }[] =>
  readFileSync(home.paths.audit, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });

describe('what is changed of an account counts from the answer on', () => {
  it('a cap: it is left alone as soon as it has used so much, until its window opens or the cap is lifted', async () => {
    expect(
      await instance.run('account.set', { account: 'work', ...unchanged, caps: { '5h': 0.6 } }),
    ).toMatchObject({
      caps: { '5h': 0.6 },
      state: 'ready',
    });
    expect([await servedBy(), await servedBy()]).toEqual(['work', 'home']);
    await expect
      .poll(() => view('work'))
      .toMatchObject({
        state: 'capped',
        reason: 'reached your cap of 60% of its 5h limit',
        availableAt: expect.any(Number),
      });
    const lifted = await instance.run('account.set', { account: 'work', ...unchanged, caps: {} });
    expect(lifted).toMatchObject({ state: 'ready', reason: null });
    expect(await servedBy()).toBe('work');
  });

  it('models: it gets no request for any other', async () => {
    await instance.run('account.set', { account: 'work', ...unchanged, models: ['*haiku*'] });
    expect(await servedBy('claude-opus-5-5')).toBe('home');
    expect(await servedBy('claude-haiku-4-5')).toBe('work');
    await instance.run('account.set', { account: 'home', ...unchanged, models: ['*haiku*'] });
    await expect(servedBy('claude-opus-5-5')).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('work model: serves *haiku* only'),
    });
  });

  it('its order', async () => {
    await instance.run('account.set', { account: 'work', ...unchanged, priority: 9 });
    expect(await servedBy()).toBe('home');
    expect(views().map(({ name }) => name)).toEqual(['home', 'work']);
  });

  it('that it is preferred: new work goes there, here and after the next start', async () => {
    expect(await servedBy()).toBe('work');
    expect(await instance.run('account.prefer', { account: 'home' })).toMatchObject({ preferred: true });
    expect([await servedBy(undefined, 'new'), view('work')?.preferred]).toEqual(['home', undefined]);
    expect((await instance.run('status', {})).accounts).toMatchObject([
      { name: 'work' },
      { preferred: true },
    ]);
    await instance.close();
    instance = await home.start();
    await expect.poll(() => view('home')?.preferred).toBe(true);
    expect(await servedBy(undefined, 'newer')).toBe('home');
    expect(await instance.run('account.prefer', { account: null })).toBeNull();
    // Whoever is answered sees it done.
    expect(view('home')?.preferred).toBeUndefined();
    expect(await servedBy(undefined, 'newest')).toBe('work');
    expect(events().filter(({ event }) => event === 'account.preferred')).toMatchObject([
      { account: 'home' },
      { account: null },
    ]);
  });

  it('its name, everywhere at once, client keys that are for it too; what is known of it stays', async () => {
    await servedBy();
    const args = { name: 'ci', kind: 'user', pid: null } as const;
    const key = 'ccr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    await instance.run(
      'key.create',
      { ...args, limits: { ...unlimited, accounts: ['work'] } },
      Buffer.from(key),
    );
    const office = await instance.run('account.rename', { account: 'work', to: 'office' });
    expect(office).toMatchObject({
      name: 'office',
      requests: 1,
      windows: expect.arrayContaining([expect.anything()]),
    });
    expect(view('office')).toEqual(office);
    const sdk = sdkFor(instance.bound.url, { authToken: key });
    const { response } = await sdk.messages.create(ask('hi')).withResponse();
    expect(response.headers.get('x-ccr-account')).toBe('office');
    expect(await instance.run('key.list', {})).toMatchObject([{ limits: { accounts: ['office'] } }]);
  });

  it('all of them paused, and resumed', async () => {
    expect(await instance.run('account.pauseAll', {})).toEqual({ names: ['work', 'home'] });
    expect(views().map(({ state }) => state)).toEqual(['paused', 'paused']);
    await expect(servedBy()).rejects.toMatchObject({ status: 503 });
    expect(await instance.run('account.resumeAll', {})).toEqual({ names: ['work', 'home'] });
    expect(await servedBy()).toBe('work');
    expect(events().slice(-2)).toMatchObject([
      { event: 'accounts.paused', accounts: ['work', 'home'] },
      { event: 'accounts.resumed', accounts: ['work', 'home'] },
    ]);
  });

  it('is refused where the address would be that of the proxy, or of another provider', async () => {
    const { port } = instance.bound;
    for (const baseUrl of [`http://localhost:${port}/x`, 'https://other.example']) {
      const change = instance.run('account.set', { account: 'work', ...unchanged, baseUrl });
      await expect(change).rejects.toMatchObject({ exitCode: 2 });
    }
    expect(view('work')?.baseUrl).toBe(upstream.url);
  });
});

describe('asking about an account', () => {
  it('resets what is known of its limits, and counts on', async () => {
    await servedBy();
    await expect.poll(() => view('work')?.windows.length).toBeGreaterThan(0);
    expect(await instance.run('account.reset', { account: 'work' })).toMatchObject({
      windows: [],
      state: 'ready',
      requests: 1,
    });
    expect(view('work')).toMatchObject({ windows: [], requests: 1 });
    expect(events().at(-1)).toMatchObject({ event: 'account.reset', account: 'work' });
  });

  it('tests its secret with a list of models, and never with a model', async () => {
    const before = view('work');
    expect(await instance.run('account.test', { account: 'work' })).toMatchObject({
      account: 'work',
      url: `${upstream.url}/v1/models`,
      status: 200,
      models: expect.any(Number),
      problem: null,
    });
    expect(view('work')).toEqual(before);
    await expect(instance.run('account.test', { account: 'wrok' })).rejects.toMatchObject({ exitCode: 3 });
  });
});

describe('a login', () => {
  it('is renewed when somebody asks for it, and all see until when it lasts', async () => {
    const oauth = await startOauthMock();
    onTestFinished(() => oauth.close());
    await instance.run('config.set', { key: 'oauth.tokenUrl', value: oauth.tokenUrl });
    const grant = oauth.issue('plan');
    const login = loginFacts();
    const account = {
      name: 'plan',
      kind: 'login',
      baseUrl: upstream.url,
      weight: null,
      force: false,
    } as const;
    const text = JSON.stringify({ ...grant, expiresAt: Date.now() + 3_600_000 });
    await instance.run('account.add', { ...account, priority: 9, login }, Buffer.from(text));
    const renewed = await instance.run('account.refresh', { account: 'plan' });
    expect(renewed.state).toBe('ready');
    expect((renewed.tokenExpiresAt ?? 0) - Date.now()).toBeGreaterThan(7 * 3_600_000);
    expect(view('plan')).toEqual(renewed);
    expect(oauth.calls).toMatchObject([{ token: grant.refreshToken, outcome: 'granted' }]);
    expect(events().map(({ event }) => event)).toContain('token.refreshed');
    expect(readFileSync(home.paths.audit, 'utf8')).not.toContain('sk-ant-o');
    oauth.revoke(grant.refreshToken);
    await expect(instance.run('account.refresh', { account: 'plan' })).rejects.toMatchObject({
      code: 'needs_login',
      message: 'its login has ended: the provider says invalid_grant',
    });
  });

  it('is what there is to renew: a key is none', async () => {
    await expect(instance.run('account.refresh', { account: 'work' })).rejects.toMatchObject({
      code: 'usage',
    });
  });
});

describe('the usage of a login', () => {
  it('is read as soon as the account is there and when asked, and its plan is kept', async () => {
    const endpoints = await startUsageEndpoints();
    try {
      for (const which of ['usage', 'profile'] as const) {
        const value = `${endpoints.url}/api/oauth/${which}`;
        await instance.run('config.set', { key: `oauth.${which}Url`, value });
      }
      const login = loginFacts();
      const account = {
        name: 'claude',
        kind: 'login',
        baseUrl: endpoints.url,
        priority: null,
        weight: null,
      } as const;
      const text = {
        accessToken: 'sk-ant-oat01-marker',
        refreshToken: 'sk-ant-ort01-marker',
        expiresAt: 4e12,
      };
      const secret = Buffer.from(JSON.stringify(text));
      await instance.run('account.add', { ...account, login, force: false }, secret);
      await expect
        .poll(() => view('claude')?.windows, { timeout: 5000 })
        .toMatchObject([
          { id: '5h', utilization: 0.425, source: 'usage' },
          { id: '7d', utilization: 0.71 },
          { id: '7d_oi', scope: 'fable', utilization: 0.57 },
          { id: 'overage', scope: null, utilization: 0.2 },
        ]);
      await expect
        .poll(() => view('claude'), { timeout: 5000 })
        .toMatchObject({ plan: 'max', organization: 'Example' });
      const config = JSON.parse(readFileSync(home.paths.config, 'utf8')) as { accounts: unknown[] };
      expect(config.accounts.at(-1)).toMatchObject({ login: { plan: 'max', organization: 'Example' } });
      await expect(instance.run('account.usage', { account: 'claude' })).rejects.toThrow('was read just now');
      await expect(instance.run('account.usage', { account: 'work' })).rejects.toThrow(
        'has no usage to read',
      );
      expect(events().some(({ event }) => event.includes('usage'))).toBe(false);
      for (const file of [home.paths.config, home.paths.audit]) {
        expect(readFileSync(file, 'utf8')).not.toContain('marker');
      }
      expect(JSON.stringify(instance.store.state())).not.toContain('marker');
    } finally {
      await endpoints.close();
    }
  });
});
