import { afterEach, describe, expect, it } from 'vitest';
import { startDemo } from '../source/demo-instance.ts';
import type { RunningInstance } from '../source/instance.ts';
import { systemClock } from '../source/shared/clock.ts';
import type { CommandArgs } from '../source/shared/commands.ts';
import type { AccountView } from '../source/shared/types.ts';
import { quietPort } from './kit/quiet-port.ts';

let demo: RunningInstance | null = null;
afterEach(() => demo?.close());

const start = async (flags = {}): Promise<RunningInstance> => {
  demo = await startDemo({ flags, clock: systemClock });
  return demo;
};

/** Resolves as soon as the state satisfies the test. */
const until = async ({ store }: RunningInstance, test: () => boolean): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = store.subscribe(() => {
    if (test()) resolve();
  });
  if (test()) resolve();
  await promise;
  unsubscribe();
};

const account = (instance: RunningInstance, name: string): AccountView | undefined =>
  instance.store.state().accounts.find((each) => each.name === name);

describe('a demo', () => {
  it('serves five accounts to people who ask by themselves, and says that it is one', async () => {
    const instance = await start();
    expect(instance.bound.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const isKnown = (): boolean => (account(instance, 'work')?.windows.length ?? 0) > 0;
    await until(instance, () => instance.store.state().totals.requests >= 2 && isKnown());
    const { accounts, demo: isDemo, totals, log, rows } = instance.store.state();
    expect(accounts.map(({ name }) => name).toSorted()).toEqual(['home', 'lab', 'relay', 'team-a', 'work']);
    expect(isDemo).toBe(true);
    expect(totals.errors).toBe(0);
    // What goes wrong in the scenario begins three seconds after the first requests, also where those take longer.
    const begun = Math.min(...rows.map(({ request }) => request.at));
    const early = rows.filter(({ request }) => request.at < begun + 1000);
    const retries = early.map(({ kind, request }) =>
      kind === 'finished' ? request.attempts.length - 1 : request.failures.length,
    );
    expect(retries).toEqual(early.map(() => 0));
    expect(totals.costUsd).toBeGreaterThan(0);
    expect(log[0]!.text).toContain('simulated');
    // The account that waits in reserve.
    expect(account(instance, 'relay')).toMatchObject({ requests: 0, state: 'ready' });
    expect(account(instance, 'work')!.windows.map(({ id }) => id)).toEqual(['5h', '7d']);
  });

  it('has a subscription as its owner would see it: plan, token, paid overage, and the week of a single model before it was asked', async () => {
    const instance = await start();
    const scopes = (): (string | null)[] =>
      account(instance, 'home')?.windows.map(({ scope }) => scope) ?? [];
    await until(instance, () => scopes().includes('opus'));
    const home = account(instance, 'home')!;
    expect(home).toMatchObject({ kind: 'login', plan: 'max', organization: 'Demo' });
    expect(home.windows.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['5h', '7d', '7d_opus', 'overage']),
    );
    expect(home.tokenExpiresAt! - systemClock.now()).toBeGreaterThan(7 * 3_600_000);
  });

  it('moves the traffic when an account is paused, and gives it back', async () => {
    const instance = await start();
    await until(instance, () => account(instance, 'work')?.state === 'serving');
    expect(await instance.run('account.pause', { account: 'work' })).toMatchObject({ paused: true });
    const { requests } = account(instance, 'work')!;
    const { seen } = instance.store.state();
    await until(instance, () => instance.store.state().seen >= seen + 4);
    expect(account(instance, 'work')!.requests).toBe(requests);
    expect(await instance.run('account.resume', { account: 'work' })).toMatchObject({ paused: false });
  });

  it('lets the strategy be changed, and nothing else of its settings', async () => {
    const instance = await start();
    expect(instance.store.state().strategy).toBe('sticky');
    await instance.run('config.set', { key: 'strategy', value: 'spread' });
    expect(instance.store.state().strategy).toBe('spread');
    await instance.run('account.prefer', { account: 'home' });
    expect(account(instance, 'home')?.preferred).toBe(true);
    await expect(instance.run('config.set', { key: 'holdMs', value: 1 })).rejects.toMatchObject({
      code: 'failed',
    });
  });

  it('refuses in one sentence what would reach beyond it', async () => {
    const instance = await start();
    const added: CommandArgs<'account.add'> = {
      name: 'mine',
      kind: 'api-key',
      baseUrl: null,
      priority: null,
      weight: null,
      force: false,
    };
    await expect(instance.run('account.add', added, Buffer.from('sk-ant-api03-x'))).rejects.toMatchObject({
      message: 'this is a demo: no account can be added to it',
    });
    await expect(instance.run('account.refresh', { account: 'home' })).rejects.toMatchObject({
      message: 'this is a demo: its tokens are not renewed',
    });
    await expect(instance.run('config.set', { key: 'drainMs', value: 1 })).rejects.toThrow(/^this is a demo/);
    await expect(instance.run('config.unset', { key: 'drainMs' })).rejects.toThrow(/^this is a demo/);
    expect(instance.store.state().accounts).toHaveLength(5);
  });

  it('ends at once and in order, whatever streams', async () => {
    const instance = await start();
    const streams = (): boolean =>
      instance.store.state().rows.some(({ kind, request }) => kind === 'live' && request.status === 200);
    await until(instance, streams);
    const asked = performance.now();
    expect(await instance.drain(10_000)).toBe(0);
    expect(performance.now() - asked).toBeLessThan(3000);
    expect(instance.store.state()).toMatchObject({ inFlight: 0, totals: { errors: 0 } });
    await instance.close();
    await expect(fetch(instance.bound.url)).rejects.toThrow('fetch failed');
  });

  it('listens where it is asked to, on this machine only', async () => {
    const port = await quietPort();
    const first = await start({ port: String(port) });
    await expect(startDemo({ flags: { port: String(port) }, clock: systemClock })).rejects.toMatchObject({
      code: 'port_in_use',
    });
    await expect(startDemo({ flags: { host: '0.0.0.0' }, clock: systemClock })).rejects.toMatchObject({
      code: 'bind_refused',
    });
    await expect(startDemo({ flags: { port: 'x' }, clock: systemClock })).rejects.toMatchObject({
      code: 'usage',
    });
    await first.close();
    const second = await start({ port: String(port) });
    expect(second.bound.port).toBe(port);
  });

  it('is given up at once by somebody who wants to leave while it starts', async () => {
    const signal = AbortSignal.abort();
    await expect(startDemo({ flags: {}, clock: systemClock, signal })).rejects.toThrow(
      'before it had started',
    );
  });
});
