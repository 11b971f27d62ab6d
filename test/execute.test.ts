import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountView } from '../source/shared/types.ts';
import { startUpstream, type Upstream } from '../source/demo/upstream.ts';
import { ask, keyOf, sdkFor, unlimited } from './e2e/world.ts';
import { useInstanceHome } from './kit/instance-home.ts';

const home = useInstanceHome();
let upstream: Upstream;
beforeEach(async () => {
  upstream = await startUpstream({ accounts: [{ name: 'work', key: keyOf('work'), limits: unlimited }] });
});
afterEach(() => upstream.close());

const newAccount = { name: 'work', kind: 'api-key', priority: null, weight: null, force: false } as const;
const secret = (): Uint8Array => Buffer.from(keyOf('work'));

describe('a command to an instance', () => {
  it('has taken effect when it is answered, and everybody sees the same', async () => {
    const instance = await home.start();
    const client = await home.connect();
    const added = await client.run('account.add', { ...newAccount, baseUrl: upstream.url }, secret());
    expect(added).toMatchObject({ store: 'vault', account: { name: 'work', state: 'ready' } });
    const everywhere = async (): Promise<AccountView[][]> => [
      [...instance.store.state().accounts],
      await client.run('account.list', {}),
      (await client.run('status', {})).accounts,
    ];
    for (const accounts of await everywhere()) expect(accounts).toEqual([added.account]);

    const paused = await client.run('account.pause', { account: 'work' });
    expect(paused).toMatchObject({ paused: true, state: 'paused' });
    for (const accounts of await everywhere()) expect(accounts).toEqual([paused]);
    await expect(sdkFor(instance.bound.url).messages.create(ask('no'))).rejects.toMatchObject({
      status: 503,
    });

    expect(await client.run('account.resume', { account: 'work' })).toMatchObject({ state: 'ready' });
    expect(await client.run('account.remove', { account: 'work' })).toEqual({
      name: 'work',
      notice: null,
    });
    await expect.poll(() => instance.store.state().accounts).toEqual([]);
  });

  it('wipes the secret that came with it', async () => {
    const instance = await home.start();
    const bytes = secret();
    await instance.run('account.add', { ...newAccount, baseUrl: upstream.url }, bytes);
    expect([...bytes].every((byte) => byte === 0)).toBe(true);
  });

  it('that fails changes nothing and says why', async () => {
    const instance = await home.start();
    const add = { ...newAccount, baseUrl: upstream.url };
    await expect(instance.run('account.add', add)).rejects.toMatchObject({ code: 'bad_secret' });
    await instance.run('account.add', add, secret());
    const before = instance.store.state().accounts;
    await expect(instance.run('account.add', add, secret())).rejects.toMatchObject({
      code: 'duplicate_account',
    });
    await expect(instance.run('account.pause', { account: 'nobody' })).rejects.toMatchObject({
      code: 'unknown_account',
    });
    await expect(instance.run('config.set', { key: 'strategy', value: 'none' })).rejects.toMatchObject({
      code: 'usage',
    });
    expect(instance.store.state().accounts).toEqual(before);
    expect(await instance.run('status', {})).toMatchObject({ strategy: 'sticky' });
  });

  it('says which settings wait for the next start, and keeps its own port', async () => {
    const instance = await home.start();
    expect(await instance.run('config.set', { key: 'strategy', value: 'spread' })).toEqual({
      restart: false,
    });
    expect(await instance.run('status', {})).toMatchObject({ strategy: 'spread', url: instance.bound.url });
    expect(await instance.run('config.set', { key: 'port', value: 4999 })).toEqual({ restart: true });
    expect(await instance.run('status', {})).toMatchObject({ url: instance.bound.url });
    expect((await fetch(`${instance.bound.url}/healthz`)).status).toBe(200);
    expect(await instance.run('config.unset', { key: 'strategy' })).toEqual({ restart: false });
    expect(await instance.run('status', {})).toMatchObject({ strategy: 'sticky' });
  });
});

describe('what is written down of a command', () => {
  const recorded = (): { via: string; event: string; [key: string]: unknown }[] =>
    readFileSync(home.paths.audit, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { via: string; event: string });

  it('is there when it is answered, with the way it came: own screen, attached screen, or a command', async () => {
    const instance = await home.start();
    const [command, attached] = [await home.connect(), await home.connect()];
    await attached.subscribe({ after: null, onSnapshot() {}, onEvents() {} });
    for (const [who, drainMs] of [
      [instance, 1],
      [command, 2],
      [attached, 3],
    ] as const) {
      await who.run('config.set', { key: 'drainMs', value: drainMs });
      expect(recorded().at(-1)).toMatchObject({ event: 'setting.changed', value: drainMs });
    }
    expect(recorded().map(({ via }) => via)).toEqual(['instance', 'screen', 'cli', 'attached']);
    await instance.close();
    expect(recorded().at(-1)).toMatchObject({ event: 'instance.stopped', via: 'instance', pid: process.pid });
  });

  it('is nothing where it failed or only looked', async () => {
    const instance = await home.start();
    await instance.run('config.set', { key: 'drainMs', value: 1 });
    const before = recorded().length;
    await instance.run('status', {});
    await expect(instance.run('account.remove', { account: 'nobody' })).rejects.toThrow('nobody');
    await expect(instance.run('config.set', { key: 'drainMs', value: 'x' })).rejects.toThrow('drainMs');
    expect(recorded()).toHaveLength(before);
  });

  it('refuses an account that would lead back to the proxy itself', async () => {
    const instance = await home.start();
    const baseUrl = `http://localhost:${instance.bound.port}/prefix`;
    await expect(instance.run('account.add', { ...newAccount, baseUrl }, secret())).rejects.toMatchObject({
      code: 'bad_base_url',
    });
    expect(instance.store.state().accounts).toEqual([]);
  });
});
