import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { certificate, putPair } from '../kit/tls-files.ts';
import { createHttpServer } from '../../source/proxy/http-server.ts';
import { bind, closeServer } from '../../source/proxy/listen.ts';
import { LiveRequests } from '../../source/proxy/live-requests.ts';
import { ask, endAll, ending, hungUp, question, startPair, startProxy } from './start-proxy.ts';

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
    const proxy = await startProxy([], { config: { tls: files, timeouts: { clientHeadersMs: 200 } } });
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
    left() {},
  });
  ending({ close: () => closeServer(server, new LiveRequests(), 0) });
  const { port } = await bind(server, '127.0.0.1', 0);
  const asked = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  expect((await exchange(port, asked)).status).toBeNull();
  expect((await exchange(port, asked)).status).toBe(200);
  expect(peers).toEqual(['127.0.0.1', '127.0.0.1']);
});
