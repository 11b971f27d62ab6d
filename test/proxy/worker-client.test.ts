import { afterEach, describe, expect, test } from 'vitest';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { startUpstream, type Upstream } from '../../source/demo/upstream.ts';
import { startProxyWorker, type ProxyWorker } from '../../source/proxy/worker-client.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { FinishedRequest } from '../../source/shared/types.ts';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { temporaryHome } from '../kit/temporary-home.ts';
import {
  accountId,
  askBytes,
  endAll,
  ending,
  hungUp,
  question,
  record,
  testConfig,
  type TestConfig,
} from './start-proxy.ts';

afterEach(endAll);

const newPaths = async (): Promise<Paths> => {
  const home = await temporaryHome();
  ending({ close: home.remove });
  return resolvePaths({ CCR_TUI_HOME: home.path });
};

const start = async (config: TestConfig = {}, paths?: Paths, names: readonly string[] = [], url = '') => {
  const events: ProxyEvent[] = [];
  const crashes: Error[] = [];
  const worker: ProxyWorker = startProxyWorker({
    settings: {
      config: testConfig(config),
      accounts: names.map((name) => ({ ...record({ name, url }), store: 'vault' as const })),
      paths: paths ?? (await newPaths()),
    },
    onEvents: (batch) => void events.push(...batch),
    onCrash: (error) => void crashes.push(error),
  });
  ending({ close: () => worker.terminate() });
  return {
    worker,
    events,
    crashes,
    rows: (): FinishedRequest[] =>
      events.flatMap((event) => (event.type === 'requestFinished' ? [event.request] : [])),
  };
};

const startProvider = async (): Promise<Upstream> =>
  ending(
    await startUpstream({
      accounts: [{ name: 'work', key: 'sk-work', limits: { kind: 'unified' } }],
      pace: { pieceMs: 2 },
    }),
  );

const stream = { body: JSON.stringify({ ...question, stream: true }) };

describe('the data plane in its thread', () => {
  test('serves with a secret of the vault, tells every request in order, and drains', async () => {
    const upstream = await startProvider();
    const paths = await newPaths();
    const first = await start({ credentialStore: 'vault' }, paths);
    const stored = await first.worker.putSecret(accountId('work'), new Secret('sk-work'), null);
    expect(stored).toEqual({ store: 'vault', notice: expect.stringContaining('vault') });
    await first.worker.terminate();

    const { worker, events, rows, crashes } = await start({}, paths, ['work'], upstream.url);
    const { port } = await worker.listening;
    const host = `127.0.0.1:${port}`;
    for (let n = 0; n < 30; n += 1) {
      const { response } = await exchange(port, askBytes({ host }, n % 2 === 0 ? stream : {}));
      expect(response?.complete).toBe(true);
    }
    // In batches, each after the acknowledgement of the one before; the last word of a drain is not needed.
    await expect.poll(() => rows().length).toBe(30);
    expect(await worker.drain(5000)).toBe(0);
    expect(rows()).toHaveLength(30);
    expect(new Set(rows().map(({ outcome, account }) => `${outcome} ${account}`))).toEqual(
      new Set(['ok work']),
    );
    // The accounts are told of as soon as they are known, which may be before the port is bound.
    const earliest = events.find(({ type }) => type !== 'accountChanged' && type !== 'nextChosen');
    expect(earliest).toMatchObject({ type: 'listening', port });
    expect(events.filter(({ type }) => type === 'listening')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'dropped')).toEqual([]);
    expect(JSON.stringify(events)).not.toContain('sk-work');
    const newest = events.findLast((event) => event.type === 'accountChanged');
    expect(newest).toMatchObject({ account: { name: 'work', inFlight: 0, requests: 30 } });
    expect(crashes).toEqual([]);
  });

  test('goes on while main is busy; nothing is lost as long as the queue holds', async () => {
    const upstream = await startProvider();
    const { worker, events, rows } = await start({ credentialStore: 'memory' });
    const { port } = await worker.listening;
    await worker.putSecret(accountId('work'), new Secret('sk-work'), null);
    worker.setAccounts([record({ name: 'work', url: upstream.url })]);
    const client = await connectRaw(port);
    const host = `127.0.0.1:${port}`;
    await client.send(Buffer.concat(Array.from({ length: 20 }, () => askBytes({ host }))));
    // Main does nothing for a while; the thread does not wait for it.
    const until = performance.now() + 300;
    while (performance.now() < until);
    for (let n = 0; n < 20; n += 1) expect((await client.message()).startLine).toContain('200');
    client.reset();
    expect(await worker.drain(5000)).toBe(0);
    expect(rows()).toHaveLength(20);
    expect(events.some(({ type }) => type === 'dropped')).toBe(false);
  });

  test('counts what a drain had to cut', async () => {
    const upstream = await startProvider();
    upstream.fail({ fault: 'stall-mid-body' });
    const { worker, rows } = await start({ credentialStore: 'memory' });
    const { port } = await worker.listening;
    await worker.putSecret(accountId('work'), new Secret('sk-work'), null);
    worker.setAccounts([record({ name: 'work', url: upstream.url })]);
    const client = await connectRaw(port);
    await client.send(askBytes({ host: `127.0.0.1:${port}` }, stream));
    await client.until('message_start');
    expect(await worker.drain(100)).toBe(1);
    await hungUp(client);
    expect(rows()).toMatchObject([{ outcome: 'truncated', status: 200 }]);
  });

  test('rejects with the port and the way out when the port is in use', async () => {
    const first = await start();
    const { port } = await first.worker.listening;
    const second = await start({ port });
    await expect(second.worker.listening).rejects.toMatchObject({
      code: 'port_in_use',
      message: `port ${port} on 127.0.0.1 is in use`,
      exitCode: 1,
    });
    expect(second.crashes).toEqual([]);
  });

  test('a thread that dies cuts its streams, and main is told once', async () => {
    const upstream = await startProvider();
    upstream.fail({ fault: 'stall-mid-body' });
    const { worker, crashes } = await start({ credentialStore: 'memory' });
    const { port } = await worker.listening;
    await worker.putSecret(accountId('work'), new Secret('sk-work'), null);
    const work = record({ name: 'work', url: upstream.url });
    worker.setAccounts([work]);
    const client = await connectRaw(port);
    await client.send(askBytes({ host: `127.0.0.1:${port}` }, stream));
    await client.until('message_start');
    worker.setAccounts([{ ...work, baseUrl: 'no address at all' }]);
    await hungUp(client);
    expect(client.received().toString()).not.toMatch(/\r\n0\r\n\r\n$/);
    await expect.poll(() => crashes.length).toBe(1);
    expect(crashes[0]?.message).toMatch(/URL/i);
    await upstream.awaitClose(({ end }) => end === 'client-left');
    // Nothing waits for ever on a thread that is gone.
    expect(await worker.drain(1000)).toBe(0);
    await expect(worker.putSecret(accountId('x'), new Secret('y'), null)).rejects.toMatchObject({
      code: 'failed',
    });
    expect(crashes).toHaveLength(1);
  });

  test('a question under way fails when the thread is ended', async () => {
    const { worker, crashes } = await start({ credentialStore: 'memory' });
    await worker.listening;
    const stored = Promise.allSettled([worker.putSecret(accountId('x'), new Secret('y'), null)]);
    await worker.terminate();
    const [result] = await stored;
    expect(result.status === 'rejected' ? result.reason : result.value).toBeDefined();
    expect(crashes).toEqual([]);
  });
});
