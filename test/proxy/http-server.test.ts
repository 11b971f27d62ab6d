import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import type { PeerEnd } from '../kit/raw-connection.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { runningTime } from '../kit/running-time.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { certificate, putPair } from '../kit/tls-files.ts';
import { createHttpServer } from '../../source/proxy/http-server.ts';
import { bind, closeServer } from '../../source/proxy/listen.ts';
import { LiveRequests } from '../../source/proxy/live-requests.ts';
import {
  answerAll,
  answerBytes,
  ask,
  askBytes,
  endAll,
  ending,
  hungUp,
  inFrontOf,
  question,
  startPair,
  startProxy,
} from './start-proxy.ts';
import { median } from '../kit/median.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  await endAll();
  await home.remove();
});

const [pair, next] = await Promise.all([certificate(), certificate()]);
const start = () => startPair(undefined, { config: { tls: putPair(home.path, pair) } });

/** A connection that is open, or the code of why it is not. */
const shake = async (port: number, options: ConnectionOptions = {}): Promise<TLSSocket | string> => {
  const socket = connectTls({ port, host: '127.0.0.1', ca: pair.cert, ...options });
  try {
    await once(socket, 'secureConnect');
    return socket;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};

const get = async (port: number, path: string, ca = pair.cert): Promise<number | undefined> => {
  const asked = request({ port, host: 'localhost', path, ca, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
};

describe('a port with a certificate', () => {
  test('serves requests behind TLS, and its url says so', async () => {
    const proxy = await start();
    expect(proxy.url).toBe(`https://127.0.0.1:${proxy.port}`);
    expect(await get(proxy.port, '/healthz')).toBe(200);
    const body = JSON.stringify({ ...question, stream: true });
    const headers = { 'content-type': 'application/json' };
    const asked = request({
      port: proxy.port,
      host: 'localhost',
      path: '/v1/messages',
      method: 'POST',
      ca: pair.cert,
      headers,
    });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect([response.statusCode, text.includes('message_stop')]).toEqual([200, true]);
    expect(await proxy.row()).toMatchObject({ outcome: 'ok', clientAddress: '127.0.0.1' });
  });

  test('has the same gate', async () => {
    const { port } = await start();
    const socket = await shake(port);
    if (typeof socket === 'string') throw new Error(socket);
    socket.write('GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toContain('421');
    socket.destroy();
  });

  test('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const { port } = await start();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await shake(port, { minVersion: version, maxVersion: version });
      if (typeof socket === 'string') throw new Error(socket);
      expect(socket.getProtocol()).toBe(version);
      socket.destroy();
    }
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const refused = await shake(port, { minVersion: version, maxVersion: version, ciphers });
      expect(refused).toMatch(/ALERT_PROTOCOL_VERSION|ECONNRESET/);
    }
  });

  test.each([
    'GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n',
    'POST /v1/messages HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\n\r\n{}',
    'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    '\u0016\u0003\u0001\u0000\u0005hello',
    '\r\n\r\n\r\n',
    '\u0000'.repeat(5000),
  ])('closes on plain text without a plain answer, and lives: %j', async (bytes) => {
    const proxy = await start();
    const answer = await exchange(proxy.port, Buffer.from(bytes.replace('HOST', proxy.host), 'latin1'));
    expect(answer.status).toBeNull();
    // At most an alert of TLS, which begins with 0x15.
    expect([undefined, 0x15]).toContain(answer.bytes[0]);
    expect(answer.bytes.length).toBeLessThanOrEqual(7);
    expect(await get(proxy.port, '/healthz')).toBe(200);
    expect(proxy.upstream.requests).toHaveLength(0);
  });

  test('closes on a client that never ends its handshake, and drains meanwhile', async () => {
    const files = putPair(home.path, pair);
    // Long enough for those who do end theirs.
    const proxy = await startProxy([], { config: { tls: files, timeouts: { clientHeadersMs: 2000 } } });
    const silent = await connectRaw(proxy.port);
    expect(await hungUp(silent)).not.toBe('none');
    expect(await get(proxy.port, '/healthz')).toBe(200);
  });

  test('takes a new certificate over while it serves', async () => {
    const proxy = await start();
    putPair(home.path, next);
    await proxy.awaitEvent('logged', ({ text }) => text.includes('read again'));
    expect(await get(proxy.port, '/healthz', next.cert)).toBe(200);
    expect(await shake(proxy.port)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('does not open with a pair that is no good, and never without one', async () => {
    const bad = putPair(home.path, { ...pair, key: next.key });
    await expect(startProxy([], { config: { tls: bad } })).rejects.toMatchObject({ code: 'failed' });
    await expect(startProxy([], { config: { tls: { cert: bad.cert, key: '' } } })).rejects.toMatchObject({
      code: 'failed',
    });
  });

  test('a request that is cut ends for its client, and one whose client leaves ends upstream', async () => {
    const proxy = await start();
    proxy.upstream.fail({ fault: 'stall-mid-body', times: 1 });
    const socket = await shake(proxy.port);
    if (typeof socket === 'string') throw new Error(socket);
    const body = JSON.stringify({ ...question, stream: true });
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await once(socket, 'data');
    socket.destroy();
    expect((await proxy.row()).outcome).toBe('aborted');
  });
});

test('a plain port loads no TLS, and never the fetch that comes with node:http', () => {
  const file = new URL('../../distribution/proxy/proxy.js', import.meta.url).href;
  const script = `
    await import(${JSON.stringify(file)});
    const { createHttpServer } = await import(${JSON.stringify(file.replace('proxy.js', 'http-server.js'))});
    createHttpServer(false, { clientHeadersMs: 1000 });
    console.log(JSON.stringify(process.moduleLoadList.filter((name) => /(?:_http_server|undici|tls)$/.test(name))));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual(['NativeModule _http_server']);
});

test('TLS on a plain port is closed, and the port lives', async () => {
  const proxy = await startProxy([]);
  expect(await shake(proxy.port)).not.toBeInstanceOf(Object);
  expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
});

test('a connection that is not admitted is closed before it says a word', async () => {
  const peers: string[] = [];
  const server = createHttpServer(false, {
    clientHeadersMs: 1000,
    serve: (_, response) => void response.end('served'),
    admits: ({ remoteAddress = '' }) => peers.push(remoteAddress) > 1,
    owed: () => [],
    broke() {},
    left() {},
  });
  ending({ close: () => closeServer(server, new LiveRequests(), 0) });
  const { port } = await bind(server, '127.0.0.1', 0);
  const asked = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  expect((await exchange(port, asked)).status).toBeNull();
  expect((await exchange(port, asked)).status).toBe(200);
  expect(peers).toEqual(['127.0.0.1', '127.0.0.1']);
});

describe('slow clients', () => {
  const count = inRun(60, 200);

  /** Sends a byte from time to time until the other side has ended the connection; says how it did. */
  const drip = async (port: number, head: string): Promise<PeerEnd> => {
    const client = await connectRaw(port);
    await client.send(head);
    const timer = setInterval(() => void (client.socket.writable && client.socket.write('x')), 60);
    return hungUp(client).finally(() => clearInterval(timer));
  };

  test('are closed in their headers and in a body that nobody wants, all of them; others are served meanwhile', async () => {
    // Those who come meanwhile end theirs in that time.
    const timeouts = { clientHeadersMs: 2000, clientBodyMs: 500 };
    const pair = await startPair({ work: { kind: 'none' } }, { config: { timeouts } });
    const heads = [
      'GET /v1/models HTTP/1.1\r\nX: ',
      `GET /healthz HTTP/1.1\r\nHost: ${pair.host}\r\nContent-Length: 9999\r\n\r\n`,
      `GET /nothing HTTP/1.1\r\nHost: ${pair.host}\r\nContent-Length: 9999\r\n\r\n`,
      '',
    ];
    const closed: PeerEnd[] = [];
    const slow = Array.from({ length: count }, async (_, n) => {
      closed.push(await drip(pair.port, heads[n % heads.length] ?? ''));
    });
    let served = 0;
    while (closed.length < count) {
      expect((await ask(pair)).status).toBe(200);
      served += 1;
    }
    expect(served).toBeGreaterThan(0);
    await Promise.all(slow);
    expect(closed).not.toContain('none');
  });

  test(
    'that hang, in their headers, in a body, or idle, cost the others next to nothing',
    { timeout: 60_000 },
    async () => {
      const pair = await startPair({ work: { kind: 'none' } });
      const heads = [
        'GET /v1/models HTTP/1.1\r\nX: ',
        `POST /v1/messages HTTP/1.1\r\nHost: ${pair.host}\r\nContent-Length: 9999\r\n\r\n{`,
        '',
      ];
      const busy = await connectRaw(pair.port);
      const now = runningTime();
      const p95 = async (): Promise<number> => {
        const times: number[] = [];
        for (let n = 0; n < 30; n += 1) {
          const started = now();
          await busy.send(askBytes(pair));
          await busy.message();
          times.push(now() - started);
        }
        return times.toSorted((a, b) => a - b)[28] ?? Infinity;
      };
      const hang = async (_: unknown, n: number) => {
        const client = await connectRaw(pair.port);
        const head = heads[n % heads.length] ?? '';
        await client.send(head);
        if (head === '') return { client, timer: undefined };
        return { client, timer: setInterval(() => client.socket.write('x'), 500) };
      };
      await p95();
      const times = { alone: [] as number[], meanwhile: [] as number[] };
      for (let round = 0; round < 5; round += 1) {
        times.alone.push(await p95());
        const hanging = await Promise.all(Array.from({ length: count }, hang));
        times.meanwhile.push(await p95());
        expect(
          hanging.filter(({ client }) => client.socket.readableEnded || client.socket.destroyed),
        ).toEqual([]);
        for (const { client, timer } of hanging) {
          clearInterval(timer);
          client.reset();
        }
      }
      // On a machine so busy that a request alone takes longer than this, as long again.
      const added = median(times.meanwhile) - median(times.alone);
      expect(added).toBeLessThan(Math.max(20, median(times.alone)));
      busy.reset();
    },
  );

  test('are closed when they stop in the body of a message, and when they never say a word', async () => {
    const startWith = (timeouts: object) => startPair({ work: { kind: 'none' } }, { config: { timeouts } });
    // Who speaks slowly has all the time for his headers.
    const [spoken, silent] = [
      await startWith({ clientBodyMs: 300 }),
      await startWith({ clientHeadersMs: 300 }),
    ];
    const head = `POST /v1/messages HTTP/1.1\r\nHost: ${spoken.host}\r\nContent-Length: 99\r\n\r\n{`;
    const stopped = Array.from({ length: count }, async (_, n) => {
      const speaks = n % 2 === 0;
      const client = await connectRaw((speaks ? spoken : silent).port);
      if (speaks) await client.send(head);
      return hungUp(client);
    });
    expect(await Promise.all(stopped)).not.toContain('none');
    for (const { upstream } of [spoken, silent]) expect(upstream.requests).toHaveLength(0);
    await spoken.row(count / 2 - 1);
  });
});

test('pairs of requests, the second of which is answered upstream before the first, are answered in order', async () => {
  const count = 100;
  const slow = new Map<string, PromiseWithResolvers<void>>();
  const gateOf = (name: string): PromiseWithResolvers<void> => {
    const known = slow.get(name) ?? Promise.withResolvers<void>();
    slow.set(name, known);
    return known;
  };
  const proxy = await inFrontOf(async (connection) => {
    for (;;) {
      const request = await connection.message(60_000).catch(() => null);
      if (request === null) return;
      const [, kind, name = ''] = request.startLine.split(/[/ ]v1[/]|[/ ]/).filter((part) => part !== '');
      if (kind === 'slow') await gateOf(name).promise;
      await connection.send(answerBytes(200, {}, `${kind} ${name}`));
      if (kind === 'fast') gateOf(name).resolve();
    }
  });
  const clients = Array.from({ length: count / 10 }, () => connectRaw(proxy.port));
  const answers = await Promise.all(
    clients.map(async (connecting, n) => {
      const client = await connecting;
      const all: string[] = [];
      for (let pair = 0; pair < 10; pair += 1) {
        const asked = ['slow', 'fast'].map((kind) =>
          askBytes(proxy, { method: 'GET', path: `/v1/${kind}/${n}-${pair}` }),
        );
        await client.send(Buffer.concat(asked));
        all.push(String((await client.message()).body), String((await client.message()).body));
      }
      client.reset();
      return all.join(', ');
    }),
  );
  const wanted = (n: number): string =>
    Array.from({ length: 10 }, (_, pair) => `slow ${n}-${pair}, fast ${n}-${pair}`).join(', ');
  expect(answers).toEqual(answers.map((_, n) => wanted(n)));
});

test('HEAD is answered without a body on every route, and whatever is wrong with it', async () => {
  const upstream = ending(await startRawUpstream(answerAll('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')));
  const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
  const paths = [
    '/',
    '/healthz',
    '/readyz',
    '/nothing',
    '/v1/messages',
    '/v1/models',
    '/v1/models/x?y',
    '/v1/files',
  ];
  const wrong = [
    'Host: evil.example',
    'Origin: https://evil.example',
    'Expect: banana',
    'Transfer-Encoding: gzip',
  ];
  for (const path of [...paths, '/v1/../x', '//x', 'http://x/', '/v1/chat/completions']) {
    for (const line of ['X: 1', ...wrong]) {
      const host = line.startsWith('Host') ? '' : `Host: ${proxy.host}\r\n`;
      const client = await connectRaw(proxy.port);
      await client.send(`HEAD ${path} HTTP/1.1\r\n${host}${line}\r\nConnection: close\r\n\r\n`);
      await hungUp(client);
      const received = client.received().toString();
      expect([path, line, received.indexOf('\r\n\r\n')]).toEqual([path, line, received.length - 4]);
    }
  }
  expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
});
