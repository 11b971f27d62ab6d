import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolvePaths } from '../source/config/paths.ts';
import { loadSettings } from '../source/config/settings.ts';
import type { PassedCapture } from '../source/shared/capture.ts';
import type { ProxyEvent } from '../source/shared/events.ts';
import { systemClock } from '../source/shared/clock.ts';
import { Secret } from '../source/shared/secret.ts';
import type { AccountId } from '../source/shared/types.ts';
import { countDeaths, superviseProxy, type SupervisedProxy } from '../source/supervise-proxy.ts';
import { temporaryHome, type TemporaryHome } from './kit/temporary-home.ts';

// Node tells of every thread that this process starts: the one of the proxy can be ended past its owner.
const threads: Worker[] = [];
const remember = (worker: Worker): void => void threads.push(worker);

let home: TemporaryHome;
const open: SupervisedProxy[] = [];
beforeEach(async () => {
  home = await temporaryHome();
  process.on('worker', remember);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((proxy) => proxy.terminate()));
  process.off('worker', remember);
  threads.length = 0;
  await home.remove();
});

const supervise = (port = 0) => {
  const env = { CCR_TUI_HOME: home.path, CCR_TUI_CREDENTIAL_STORE: 'memory' };
  const paths = resolvePaths(env);
  const { config, accounts } = loadSettings({ paths, env, flags: { port: String(port) } });
  const events: ProxyEvent[] = [];
  const listeners = new Set<() => void>();
  const givenUp = Promise.withResolvers<Error>();
  const proxy = superviseProxy({
    settings: { config, accounts, paths },
    clock: systemClock,
    onEvents(batch) {
      events.push(...batch);
      for (const listener of listeners) listener();
    },
    onGivingUp: givenUp.resolve,
  });
  open.push(proxy);
  /** Resolves when so many events of that type have come. */
  const seen = (type: ProxyEvent['type'], count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (events.filter((event) => event.type === type).length >= count) resolve();
      };
      listeners.add(look);
      look();
    });
  return { proxy, events, seen, config, givenUp: givenUp.promise };
};

const kill = async (): Promise<void> => {
  const worker = threads.at(-1);
  if (!worker) throw new Error('no thread was started');
  const gone = once(worker, 'exit');
  await worker.terminate();
  await gone;
};

describe('a supervised proxy', () => {
  it('is started again on the same port, with the settings of now, and tells of it', async () => {
    const { proxy, events, seen, config } = supervise();
    const { url } = await proxy.listening;
    await seen('listening', 1);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await kill();
    // What changes while nothing runs must not be lost.
    const account = {
      id: 'a' as AccountId,
      name: 'work',
      kind: 'api-key' as const,
      baseUrl: 'http://127.0.0.1:9',
      priority: 200,
      weight: 1,
      paused: true,
      store: 'memory' as const,
      createdAt: systemClock.now(),
    };
    proxy.setConfig({ ...config, port: Number(new URL(url).port), allowedHosts: ['dev.local'] });
    proxy.setAccounts([account]);
    await seen('listening', 2);
    expect(threads).toHaveLength(2);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await seen('accountChanged', 1);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'accountChanged',
        account: expect.objectContaining({ name: 'work', state: 'paused' }),
      }),
    );
    const between = events.flatMap(({ type }) => (type === 'nextChosen' ? [] : [type])).slice(1);
    expect(between.slice(0, 2)).toEqual(['logged', 'proxyDied']);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'logged', level: 'error', text: expect.stringMatching(/thread died/) }),
    );
  });

  it('tells the next thread what requests have cost, which /metrics shows at once', async () => {
    const { proxy, seen } = supervise();
    const { url } = await proxy.listening;
    await seen('listening', 1);
    proxy.setCosts([{ account: 'work', billing: 'money', usd: 1.5, unpriced: 0 }]);
    const cost = async (): Promise<string | undefined> =>
      /^ccr_tui_cost_usd_total\{.*work.*$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[0];
    const before = await cost();
    expect(before).toMatch(/ 1\.5$/);
    await kill();
    await seen('listening', 2);
    expect(await cost()).toBe(before);
  });

  it('goes on capturing in the next thread, for whoever took what the one before captured', async () => {
    const { proxy, seen } = supervise();
    const { url } = await proxy.listening;
    await seen('listening', 1);
    const taken: PassedCapture[] = [];
    proxy.takeCaptures((capture) => {
      taken.push(capture);
      proxy.capturesTaken(1);
    });
    proxy.setCapture({ mode: 'errors', bodyBytes: 1024 });
    const refused = async (): Promise<number> =>
      (await fetch(`${url}/v1/messages`, { method: 'POST' })).status;
    expect(await refused()).toBe(503);
    await expect.poll(() => taken.length).toBe(1);
    await kill();
    await seen('listening', 2);
    expect(await refused()).toBe(503);
    await expect.poll(() => taken.length).toBe(2);
    expect(taken.map(({ answer }) => answer?.status)).toEqual([503, 503]);
  });

  it('refuses a secret at once while nothing can take it, and takes it afterwards', async () => {
    const { proxy, seen } = supervise();
    await proxy.listening;
    await seen('listening', 1);
    await kill();
    const id = 'b' as AccountId;
    await expect(proxy.putSecret(id, new Secret('key'), null)).rejects.toMatchObject({ code: 'failed' });
    await seen('listening', 2);
    expect(await proxy.putSecret(id, new Secret('key'), null)).toMatchObject({ store: 'memory' });
  });

  it('stays ended when it was asked to end', async () => {
    const { proxy, events } = supervise();
    const { url } = await proxy.listening;
    expect(await proxy.drain(1000)).toBe(0);
    await proxy.terminate();
    expect(threads).toHaveLength(1);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
    expect(events.filter(({ type }) => type === 'logged')).toEqual([]);
  });

  it('can be drained while it is dead', async () => {
    const { proxy } = supervise();
    await proxy.listening;
    await kill();
    expect(await proxy.drain(1000)).toBe(0);
    await proxy.terminate();
    expect(threads).toHaveLength(1);
  });

  it('says why it cannot start the first time, and does not try again', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { proxy } = supervise((other.address() as AddressInfo).port);
    await expect(proxy.listening).rejects.toMatchObject({ code: 'port_in_use' });
    expect(threads).toHaveLength(1);
    other.close();
  });

  it('comes back when the port that somebody took meanwhile is free again, one thread at a time', async () => {
    const { proxy, seen } = supervise();
    const { port } = await proxy.listening;
    await seen('listening', 1);
    await kill();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await seen('logged', 2);
    other.close();
    await seen('listening', 2);
    expect(threads.length).toBeGreaterThan(2);
    const [first] = threads;
    expect(first?.threadId).toBe(-1);
    expect(threads.filter(({ threadId }) => threadId > 0)).toHaveLength(1);
  });
});

describe('counting deaths', () => {
  it('waits longer each time and gives up after five without a quiet minute', () => {
    const deaths = countDeaths();
    expect([0, 1, 2, 3, 4].map((at) => deaths.next(at * 1000))).toEqual([100, 200, 400, 800, 1600]);
    expect(deaths.next(5000)).toBeNull();
  });

  it('begins anew after a quiet minute', () => {
    const deaths = countDeaths();
    expect([0, 10, 60_010, 120_010].map((at) => deaths.next(at))).toEqual([100, 200, 400, 800]);
    expect(deaths.next(180_011)).toBe(100);
  });
});
