import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolvePaths, type Paths } from '../source/config/paths.ts';
import { connectControl, type ControlClient } from '../source/control/client.ts';
import { readInstance } from '../source/control/instance-lock.ts';
import { startInstance, type RunningInstance } from '../source/instance.ts';
import { systemClock } from '../source/shared/clock.ts';
import { startUpstream, type Upstream } from '../source/demo/upstream.ts';
import { keyOf, sdkFor, ask, unlimited } from './e2e/world.ts';
import { temporaryHome, type TemporaryHome } from './kit/temporary-home.ts';

let home: TemporaryHome;
let upstream: Upstream;
let ending: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  home = await temporaryHome();
  upstream = await startUpstream({
    accounts: [{ name: 'work', key: keyOf('work'), limits: unlimited }],
  });
  ending = [() => upstream.close()];
});
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  await home.remove();
});

const env = (): Record<string, string> => ({
  CCR_TUI_HOME: home.path,
  CCR_TUI_CREDENTIAL_STORE: 'vault',
});
const paths = (): Paths => resolvePaths(env());
const start = async (flags: { port?: string; host?: string } = { port: '0' }): Promise<RunningInstance> => {
  const instance = await startInstance({ paths: paths(), env: env(), flags, clock: systemClock });
  ending.push(() => instance.close());
  return instance;
};
const connect = async (): Promise<ControlClient> => {
  const found = readInstance(paths().instanceLock);
  if (!found) throw new Error('no instance');
  const client = await connectControl(found, { timeoutMs: 3000 });
  ending.push(async () => client.close());
  return client;
};
const newAccount = {
  name: 'work',
  kind: 'api-key' as const,
  priority: null,
  weight: null,
  force: false,
};
const secret = (): Uint8Array => Buffer.from(keyOf('work'));

describe('an instance', () => {
  it('serves, records and answers its socket from the moment it has started', async () => {
    const instance = await start();
    const client = await connect();
    expect(client.welcome).toMatchObject({ url: instance.bound.url, pid: process.pid });
    await client.run('account.add', { ...newAccount, baseUrl: upstream.url }, secret());
    await sdkFor(instance.bound.url).messages.create(ask('hello'));
    await expect
      .poll(async () => (await client.run('status', {})).totals)
      .toMatchObject({ requests: 1, errors: 0 });
    expect(existsSync(paths().history)).toBe(true);
  });

  it('leaves only data on disk when it is closed, and the port free', async () => {
    const instance = await start();
    const { port } = instance.bound;
    await instance.drain(1000);
    await instance.close();
    const left = readdirSync(home.path).filter((name) => !/^(history\.sqlite|log)/.test(name));
    expect(left).toEqual([]);
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    other.close();
  });

  it('that cannot listen leaves nothing running and nothing locked', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start({ port: String(port) })).rejects.toMatchObject({ code: 'port_in_use' });
    expect(readInstance(paths().instanceLock)).toBeNull();
    expect(existsSync(paths().instanceLock)).toBe(false);
    other.close();
    await start();
  });

  it('refuses to listen beyond loopback, before it makes a folder', async () => {
    await expect(start({ port: '0', host: '0.0.0.0' })).rejects.toMatchObject({ code: 'bind_refused' });
    expect(readdirSync(home.path)).toEqual([]);
  });

  it('is one to a home', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'already_running' });
    expect(existsSync(join(home.path, 'instance.lock'))).toBe(true);
    await connect();
  });

  it('ends when a client asks it to', async () => {
    const instance = await start();
    const client = await connect();
    expect(await client.run('stop', {})).toEqual({ draining: 0 });
    await instance.stopAsked;
  });
});
