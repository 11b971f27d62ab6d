import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { readInstance } from '../source/control/instance-lock.ts';
import { newClientKey } from '../source/credentials/key-pepper.ts';
import type { Upstream } from '../source/demo/upstream.ts';
import { insertLimit, toLimitRow } from '../source/history/limit-rows.ts';
import { asEpoch } from '../source/shared/types.ts';
import { forecastOf } from '../source/store/forecast.ts';
import { withDatabase } from './history/rows.ts';
import { unlimited as unlimitedKey } from '../source/shared/client-key.ts';
import type { Secret } from '../source/shared/secret.ts';
import { ask, sdkFor } from './e2e/world.ts';
import { accountSecret, givenAccount, newAccount } from './kit/given-account.ts';
import { useInstanceHome } from './kit/instance-home.ts';
import { quietPort } from './kit/quiet-port.ts';

const home = useInstanceHome();
let upstream: Upstream;
givenAccount((started) => {
  upstream = started;
});

const bytesOf = (key: Secret): Uint8Array => Buffer.from(key.reveal());

describe('an instance', () => {
  it('serves, records and answers its socket from the moment it has started', async () => {
    const instance = await home.start();
    const client = await home.connect();
    expect(client.welcome).toMatchObject({ url: instance.bound.url, pid: process.pid });
    await client.run('account.add', { ...newAccount, baseUrl: upstream.url }, accountSecret());
    await sdkFor(instance.bound.url).messages.create(ask('hello'));
    await expect
      .poll(async () => (await client.run('status', {})).totals)
      .toMatchObject({ requests: 1, errors: 0 });
    // Its thread starts in its own time.
    await expect.poll(() => existsSync(home.paths.history)).toBe(true);
  });

  it('goes on with how windows were used before it was started', async () => {
    const first = await home.start();
    const client = await home.connect();
    const { account } = await client.run(
      'account.add',
      { ...newAccount, baseUrl: upstream.url },
      accountSecret(),
    );
    await first.close();
    const now = Date.now();
    withDatabase(home.paths.history, (database) => {
      const insert = database.prepare(insertLimit);
      for (const back of [60, 45, 30, 15, 0]) {
        insert.run(
          ...toLimitRow({
            at: asEpoch(now - back * 60_000),
            accountId: account.id,
            window: '5h',
            scope: null,
            utilization: 0.7 - back / 100,
            resetsAt: asEpoch(now + 2 * 3_600_000),
            status: 'allowed',
            source: 'header',
          }),
        );
      }
    });
    const { store } = await home.start();
    await expect.poll(() => store.state().use.trends[0]?.readings.length).toBe(5);
    const [trend] = store.state().use.trends;
    expect(trend && forecastOf(trend, asEpoch(now))?.emptyAt).toBeLessThan(now + 3_600_000);
  });

  it('knows the accounts and keys that others wrote down while it started', async () => {
    const first = await home.start();
    const client = await home.connect();
    await client.run('account.add', { ...newAccount, baseUrl: upstream.url }, accountSecret());
    const key = newClientKey();
    await client.run(
      'key.create',
      { name: 'ci', kind: 'user', limits: unlimitedKey, pid: null },
      bytesOf(key),
    );
    await first.close();
    const written = readFileSync(home.paths.config);
    rmSync(home.paths.config);
    const instance = await home.start({ port: '0' }, () =>
      writeFileSync(home.paths.config, written, { mode: 0o600 }),
    );
    const { url } = instance.bound;
    await expect(sdkFor(url).messages.create(ask('hello'))).rejects.toMatchObject({ status: 401 });
    await new Anthropic({ baseURL: url, apiKey: key.reveal() }).messages.create(ask('hello'));
    // The data plane tells of them a moment after it has taken them.
    await expect
      .poll(async () => (await (await home.connect()).run('status', {})).accounts)
      .toMatchObject([{ name: 'work' }]);
  });

  it('leaves only data on disk when it is closed, and the port free', async () => {
    const port = await quietPort();
    const instance = await home.start({ port: String(port) });
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
