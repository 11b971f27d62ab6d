import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AccountView } from '../source/shared/types.ts';
import type { Upstream } from '../source/demo/upstream.ts';
import { heldRequests } from '../source/store/selectors.ts';
import { ask, sdkFor } from './e2e/world.ts';
import { accountSecret, givenAccount, newAccount } from './kit/given-account.ts';
import { useInstanceHome } from './kit/instance-home.ts';

const home = useInstanceHome();
let upstream: Upstream;
givenAccount((started) => {
  upstream = started;
});

describe('a command to an instance', () => {
  it('has taken effect when it is answered, and everybody sees the same', async () => {
    const instance = await home.start();
    const client = await home.connect();
    const added = await client.run('account.add', { ...newAccount, baseUrl: upstream.url }, accountSecret());
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
    expect(instance.store.state().accounts).toEqual([]);
  });

  it('another strategy counts for the next request, and every screen shows it', async () => {
    const instance = await home.start();
    await instance.run('account.add', { ...newAccount, baseUrl: upstream.url }, accountSecret());
    const client = await home.connect();
    const rows = () =>
      instance.store
        .state()
        .rows.flatMap((row) => (row.kind === 'finished' ? [row.request.decision?.strategy] : []));
    await sdkFor(instance.bound.url).messages.create(ask('one'));
    expect(instance.store.state().strategy).toBe('sticky');
    await client.run('config.set', { key: 'strategy', value: 'drain' });
    expect([instance.store.state().strategy, (await client.run('status', {})).strategy]).toEqual([
      'drain',
      'drain',
    ]);
    await sdkFor(instance.bound.url).messages.create(ask('two'));
    await instance.run('config.unset', { key: 'strategy' });
    await sdkFor(instance.bound.url).messages.create(ask('three'));
    await expect.poll(rows).toEqual(['sticky', 'drain', 'sticky']);
    const said = instance.store.state().log.filter(({ text }) => text.startsWith('accounts are chosen by'));
    expect(said.map(({ text }) => text)).toEqual([
      'accounts are chosen by drain now',
      'accounts are chosen by sticky now',
    ]);
    await expect(client.run('config.set', { key: 'strategy', value: 'best' })).rejects.toMatchObject({
      code: 'usage',
    });
    expect(instance.store.state().strategy).toBe('sticky');
  });

  it('wipes the secret that came with it', async () => {
    const instance = await home.start();
    const bytes = accountSecret();
    await instance.run('account.add', { ...newAccount, baseUrl: upstream.url }, bytes);
    expect([...bytes].every((byte) => byte === 0)).toBe(true);
  });

  it('that fails changes nothing and says why', async () => {
    const instance = await home.start();
    const add = { ...newAccount, baseUrl: upstream.url };
    await expect(instance.run('account.add', add)).rejects.toMatchObject({ code: 'bad_secret' });
    await instance.run('account.add', add, accountSecret());
    const before = instance.store.state().accounts;
    await expect(instance.run('account.add', add, accountSecret())).rejects.toMatchObject({
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

  it('ends the wait of a request that is held, and of no other', async () => {
    const instance = await home.start();
    await instance.run('account.add', { ...newAccount, baseUrl: upstream.url }, accountSecret());
    await instance.run('config.set', { key: 'holdMs', value: 60_000 });
    upstream.fail({ fault: 'pace', retryAfter: 30 });
    for (const how of ['request.release', 'request.cancel'] as const) {
      const body = JSON.stringify(ask('held'));
      const headers = { 'content-type': 'application/json' };
      const refused = fetch(`${instance.bound.url}/v1/messages`, { method: 'POST', headers, body });
      await expect.poll(() => heldRequests(instance.store.state())).toHaveLength(1);
      const id = heldRequests(instance.store.state())[0]?.id ?? '';
      await expect(instance.run(how, { request: 'another' })).rejects.toMatchObject({
        code: 'unknown_request',
      });
      expect(await instance.run(how, { request: id })).toEqual({ id });
      expect(await refused).toMatchObject({ status: 429 });
    }
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
    await expect(
      instance.run('account.add', { ...newAccount, baseUrl }, accountSecret()),
    ).rejects.toMatchObject({
      code: 'bad_base_url',
    });
    expect(instance.store.state().accounts).toEqual([]);
  });
});
