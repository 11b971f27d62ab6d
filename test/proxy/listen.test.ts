import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { connectRaw } from '../kit/raw-client.ts';
import { runningTime } from '../kit/running-time.ts';
import { bind, closeServer } from '../../source/proxy/listen.ts';
import { LiveRequests } from '../../source/proxy/live-requests.ts';
import {
  ask,
  askBytes,
  endAll,
  ending,
  hungUp,
  question,
  startPair,
  startProxy,
  testConfig,
} from './start-proxy.ts';

afterEach(endAll);

const stream = { body: JSON.stringify({ ...question, stream: true }) };
const slowly = { upstream: { pace: { pieceMs: 10 } } };

const refused = (port: number): Promise<boolean> =>
  connectRaw(port).then(
    (client) => {
      client.reset();
      return false;
    },
    () => true,
  );

describe('binding', () => {
  test('a free port is found and told', async () => {
    const server = createServer();
    const { url, host, port } = await bind(server, '127.0.0.1', 0);
    expect(port).toBeGreaterThan(0);
    expect({ url, host }).toEqual({ url: `http://127.0.0.1:${port}`, host: '127.0.0.1' });
    expect(await closeServer(server, new LiveRequests(), 1000)).toBe(0);
  });

  test('an IPv6 address stands in brackets', async () => {
    const server = createServer();
    const { url, port } = await bind(server, '::1', 0);
    expect(url).toBe(`http://[::1]:${port}`);
    await closeServer(server, new LiveRequests(), 1000);
  });

  test('a port in use is an error that names the port and how to choose another', async () => {
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      taken.once('listening', resolve);
    });
    ending({ close: () => new Promise((resolve) => taken.close(resolve)) });
    const { port } = taken.address() as AddressInfo;
    await expect(bind(createServer(), '127.0.0.1', port)).rejects.toMatchObject({
      code: 'port_in_use',
      message: `port ${port} on 127.0.0.1 is in use`,
      hint: expect.stringContaining('--port'),
    });
    await expect(startProxy([], { config: { port } })).rejects.toMatchObject({ code: 'port_in_use' });
  });

  test('an address that is not ours is an error that says so', async () => {
    await expect(bind(createServer(), '192.0.2.1', 4180)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('192.0.2.1:4180'),
      hint: expect.stringContaining('--host'),
    });
  });

  test('an error of accepting later (no descriptors left) does not end the process', async () => {
    const server = createServer();
    await bind(server, '127.0.0.1', 0);
    const many = new Error('too many open files');
    expect(() => [server.emit('error', many), server.emit('error', many)]).not.toThrow();
    await closeServer(server, new LiveRequests(), 1000);
  });

  test('the data plane listens on the address of the settings alone', async () => {
    const proxy = await startProxy([]);
    expect(await proxy.awaitEvent('listening')).toMatchObject({
      url: proxy.url,
      host: testConfig().host,
      port: proxy.port,
    });
    await expect(connectRaw(proxy.port, '127.0.0.2')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('draining', () => {
  test('closes the port at once, lets streams finish, and counts nothing as cut', async () => {
    const pair = await startPair({ work: { kind: 'none' } }, slowly);
    const clients = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = await connectRaw(pair.port);
        await client.send(askBytes(pair, stream));
        await client.until('message_start');
        return client;
      }),
    );
    const elapsed = runningTime();
    const drained = pair.proxy.drain(20_000);
    expect(await refused(pair.port)).toBe(true);
    expect(elapsed()).toBeLessThan(100);
    const answers = await Promise.all(clients.map((client) => client.message()));
    expect(answers.every(({ complete, body }) => complete && body.includes('message_stop'))).toBe(true);
    const sinceLast = runningTime();
    expect(await drained).toBe(0);
    // A client that keeps its connection must not keep the process.
    expect(sinceLast()).toBeLessThan(500);
    const rows = pair.eventsOf('requestFinished').map(({ request }) => request.outcome);
    expect(rows).toEqual(Array.from({ length: 20 }, () => 'ok'));
    for (const client of clients) client.reset();
  });

  test('idle connections end at once', async () => {
    const pair = await startPair();
    const client = await connectRaw(pair.port);
    await client.send(askBytes(pair));
    await client.message();
    const untouched = await connectRaw(pair.port);
    await ask(pair);
    const drained = pair.proxy.drain(20_000);
    expect(await hungUp(client)).not.toBe('none');
    expect(await hungUp(untouched)).not.toBe('none');
    expect(await drained).toBe(0);
  });

  test('a client that never finishes its headers does not hold it', async () => {
    const proxy = await startProxy([]);
    const client = await connectRaw(proxy.port);
    await client.send('GET /healthz HTTP/1.1\r\n');
    await ask(proxy, { method: 'GET', path: '/healthz' });
    expect(await proxy.proxy.drain(20_000)).toBe(0);
    await hungUp(client);
  });

  test('what does not end in time is cut, counted, and its row says so', async () => {
    const pair = await startPair({ work: { kind: 'none' } });
    pair.upstream.fail({ fault: 'stall-mid-body', times: 2 });
    pair.upstream.fail({ fault: 'stall-before-head', times: 1 });
    const begun = await Promise.all([connectRaw(pair.port), connectRaw(pair.port)]);
    for (const client of begun) {
      await client.send(askBytes(pair, stream));
      await client.until('message_start');
    }
    const waiting = await connectRaw(pair.port);
    await waiting.send(askBytes(pair));
    await pair.upstream.awaitRequest(({ fault }) => fault === 'stall-before-head');
    const elapsed = runningTime();
    expect(await pair.proxy.drain(200)).toBe(3);
    expect(elapsed()).toBeLessThan(1200);
    const rows = pair.eventsOf('requestFinished').map(({ request }) => request);
    // The client did not leave: we cut it.
    expect(rows.map(({ outcome, status }) => `${outcome} ${status}`).sort()).toEqual([
      'truncated 200',
      'truncated 200',
      'truncated null',
    ]);
    for (const client of [...begun, waiting]) {
      await hungUp(client);
      expect(client.received().toString()).not.toContain('\r\n0\r\n\r\n');
    }
    await pair.upstream.awaitClose(({ fault }) => fault === 'stall-before-head');
    expect(pair.upstream.requests.map(({ end }) => end)).toEqual(
      Array.from({ length: 3 }, () => 'client-left'),
    );
  });

  test('whoever is cut is told within the stream, as after any other cut; also one that does not read is closed', async () => {
    const pair = await startPair({ work: { kind: 'none' } });
    pair.upstream.fail({ fault: 'stall-mid-body' });
    const agents = ['anthropic-sdk', 'claude-cli/2.1.330 (external, cli)', 'deaf'];
    const clients = await Promise.all(
      agents.map(async (agent) => {
        const client = await connectRaw(pair.port);
        await client.send(askBytes(pair, { ...stream, headers: { 'user-agent': agent } }));
        await client.until('message_start');
        return client;
      }),
    );
    clients[2]?.pause();
    const elapsed = runningTime();
    expect(await pair.proxy.drain(50)).toBe(3);
    expect(elapsed()).toBeLessThan(1000);
    clients[2]?.resume();
    const said = await Promise.all(
      clients.map(async (client) => {
        await hungUp(client);
        return client.received().toString();
      }),
    );
    const [sdk = '', claudeCode = '', deaf = ''] = said;
    expect(sdk).toMatch(/event: error\ndata: \{[^\n]*The proxy was stopped[^\n]*\}\n\n\r\n$/);
    expect(claudeCode).not.toContain('event: error');
    for (const text of [sdk, claudeCode, deaf]) expect(text).not.toContain('\r\n0\r\n\r\n');
    const rows = pair.eventsOf('requestFinished').map(({ request }) => request);
    expect(rows.map(({ outcome, error }) => `${outcome}: ${error}`)).toEqual(
      agents.map(() => 'truncated: cut when the proxy stopped'),
    );
  });

  test('a connection that was busy when the port closed is not kept', async () => {
    const pair = await startPair({ work: { kind: 'none' } }, slowly);
    const streaming = await connectRaw(pair.port);
    await streaming.send(askBytes(pair, stream));
    await streaming.until('message_start');
    const asking = await connectRaw(pair.port);
    const asked = `GET / HTTP/1.1\r\nhost: 127.0.0.1:${pair.port}\r\n\r\n`;
    await asking.send(asked.slice(0, 20));
    await ask(pair, { method: 'GET', path: '/healthz' });
    const drained = pair.proxy.drain(20_000);
    await asking.send(asked.slice(20));
    expect((await asking.message()).header('connection')).toBe('close');
    expect(await hungUp(asking)).toBe('end');
    await streaming.message();
    expect(await drained).toBe(0);
    streaming.reset();
  });

  test('an upload may finish, and a request that comes on an open connection is told to go', async () => {
    const pair = await startPair();
    const bytes = askBytes(pair);
    const uploading = await connectRaw(pair.port);
    await uploading.send(bytes.subarray(0, -10));
    const beginning = await connectRaw(pair.port);
    await beginning.send(bytes.subarray(0, 30));
    await ask(pair, { method: 'GET', path: '/healthz' });
    const drained = pair.proxy.drain(20_000);
    await beginning.send(bytes.subarray(30));
    const told = await beginning.message();
    expect(told.startLine).toContain('503');
    expect(told.header('x-ccr-error')).toBe('shutting_down');
    await uploading.send(bytes.subarray(-10));
    expect((await uploading.message()).startLine).toContain('200');
    expect(await hungUp(beginning)).toBe('end');
    await hungUp(uploading);
    expect(await drained).toBe(0);
    expect(pair.upstream.requests).toHaveLength(1);
  });
});
