import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readInstance } from '../source/control/instance-lock.ts';
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

describe('an instance', () => {
  it('serves, records and answers its socket from the moment it has started', async () => {
    const instance = await home.start();
    const client = await home.connect();
    expect(client.welcome).toMatchObject({ url: instance.bound.url, pid: process.pid });
    await client.run('account.add', { ...newAccount, baseUrl: upstream.url }, secret());
    await sdkFor(instance.bound.url).messages.create(ask('hello'));
    await expect
      .poll(async () => (await client.run('status', {})).totals)
      .toMatchObject({ requests: 1, errors: 0 });
    expect(existsSync(home.paths.history)).toBe(true);
  });

  it('serves the accounts that others wrote down while it started', async () => {
    const first = await home.start();
    await (await home.connect()).run('account.add', { ...newAccount, baseUrl: upstream.url }, secret());
    await first.close();
    const written = readFileSync(home.paths.config);
    rmSync(home.paths.config);
    const instance = await home.start({ port: '0' }, () =>
      writeFileSync(home.paths.config, written, { mode: 0o600 }),
    );
    await sdkFor(instance.bound.url).messages.create(ask('hello'));
    expect((await (await home.connect()).run('status', {})).accounts).toMatchObject([{ name: 'work' }]);
  });

  it('leaves only data on disk when it is closed, and the port free', async () => {
    const instance = await home.start();
    const { port } = instance.bound;
    await instance.drain(1000);
    await instance.close();
    const left = readdirSync(home.path).filter((name) => !/^(history\.sqlite|log|audit\.log$)/.test(name));
    expect(left).toEqual([]);
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    other.close();
  });

  it('that cannot listen leaves nothing running and nothing locked', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(home.start({ port: String(port) })).rejects.toMatchObject({ code: 'port_in_use' });
    expect(readInstance(home.paths.instanceLock)).toBeNull();
    expect(existsSync(home.paths.instanceLock)).toBe(false);
    other.close();
    await home.start();
  });

  it('refuses to listen beyond loopback, before it makes a folder', async () => {
    await expect(home.start({ port: '0', host: '0.0.0.0' })).rejects.toMatchObject({ code: 'bind_refused' });
    expect(readdirSync(home.path)).toEqual([]);
  });

  it('is one to a home', async () => {
    await home.start();
    await expect(home.start()).rejects.toMatchObject({ code: 'already_running' });
    expect(existsSync(home.paths.instanceLock)).toBe(true);
    await home.connect();
  });

  it('ends when a client asks it to', async () => {
    const instance = await home.start();
    const client = await home.connect();
    expect(await client.run('stop', {})).toEqual({ draining: 0 });
    await instance.stopAsked;
  });
});
