import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { createHttpServer } from '../../source/proxy/http-server.ts';
import { bind, closeServer } from '../../source/proxy/listen.ts';
import { LiveRequests } from '../../source/proxy/live-requests.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { askBytes, ending, endAll, hungUp, inFrontOf, startProxy } from './start-proxy.ts';

afterEach(endAll);

const garbage = 'hello\r\n\r\n';
/** Each is followed by time for what should not be there. */
const events = ['event: ping\ndata: 1\n\n', 'event: ping\ndata: 2\n\n', 'event: ping\ndata: 3\n\n'];

describe('behind a request whose answer is on its way', () => {
  const behind: readonly (readonly [string, string])[] = [
    ['garbage', garbage],
    ['garbage, and more of it', garbage.repeat(1000)],
    ['a broken body', 'POST /v1/messages HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['a head that never ends', 'GET /v1/models HTTP/1.1\r\nX: '],
  ];
  test.each(behind)('%s does not stand in that answer, and ends the connection', async (what, bytes) => {
    let goOn = (): void => undefined;
    const neverEnds = what === 'a head that never ends';
    // It is the time for the head of the first request as well.
    const clientHeadersMs = neverEnds ? 1000 : 60_000;
    const proxy = await inFrontOf(
      async (connection) => {
        await connection.message();
        await connection.send(
          'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
        );
        for (const event of events) {
          await connection.send(`${event.length.toString(16)}\r\n${event}\r\n`);
          await new Promise<void>((resolve) => (goOn = resolve));
        }
        await connection.send('0\r\n\r\n');
      },
      { timeouts: { clientHeadersMs } },
    );
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, { path: '/v1/complete' }));
    await client.until('data: 1');
    await client.send(bytes.replace('HOST', proxy.host));
    // What the parser, or its clock, has to say of those bytes is said before the answer goes on.
    const late = neverEnds ? 1400 : 50;
    await new Promise((resolve) => setTimeout(resolve, late));
    goOn();
    await client.until('data: 2');
    goOn();
    await client.until('data: 3');
    goOn();
    const answer = await client.message();
    expect([answer.complete, String(answer.body), String(answer.rest)]).toEqual([true, events.join(''), '']);
    expect(await hungUp(client)).toBe('end');
    expect(client.received().toString()).not.toMatch(/HTTP\/1\.1 4/);
  });
});

test('a client that ends its side within a further request leaves the one that is answered too', async () => {
  const upstream = ending(await startRawUpstream());
  const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
  const client = await connectRaw(proxy.port);
  await client.send(Buffer.concat([askBytes(proxy), Buffer.from('GET /v1/mod')]));
  const asked = await upstream.connection(0);
  await asked.message();
  client.end();
  expect(await hungUp(asked)).not.toBe('none');
  expect(await proxy.row()).toMatchObject({ outcome: 'aborted', status: null });
});

test.each([
  ['400', 'zz\r\n'],
  ['413', `2;${'a'.repeat(20_000)}`],
])('a body that breaks is told %s, to its client and in its row, and goes nowhere', async (status, bytes) => {
  const upstream = ending(await startRawUpstream());
  const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
  const head = `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const answer = await exchange(proxy.port, `${head}1\r\n{\r\n${bytes}`);
  expect(answer.status).toBe(Number(status));
  expect(await proxy.row()).toMatchObject({
    outcome: 'rejected',
    status: Number(status),
    error: 'bad_request',
  });
  expect(upstream.connections).toHaveLength(0);
});

test('an upload that breaks on its way ends upstream without an end of its body', async () => {
  const upstream = ending(await startRawUpstream());
  const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
  const client = await connectRaw(proxy.port);
  await client.send(
    `POST /v1/files HTTP/1.1\r\nHost: ${proxy.host}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
  );
  const asked = await upstream.connection(0);
  await asked.until('{');
  await client.send('zz\r\n');
  expect((await client.message()).startLine).toContain('400');
  await hungUp(asked);
  expect(asked.received().toString()).not.toContain('\r\n0\r\n');
  expect(await proxy.row()).toMatchObject({ outcome: 'rejected', status: 400, error: 'bad_request' });
  await proxy.account('work', ({ inFlight }) => inFlight === 0);
  client.reset();
});

/** A bare server whose connections can be watched from within. */
const watched = async (clientHeadersMs = 60_000) => {
  const server = createHttpServer(false, {
    clientHeadersMs,
    serve: (_, response) => void response.end('served'),
    admits: () => true,
    owed: () => [],
    broke() {},
    left() {},
  });
  ending({ close: () => closeServer(server, new LiveRequests(), 0) });
  const { port } = await bind(server, '127.0.0.1', 0);
  const opened = once(server, 'connection') as Promise<[Socket]>;
  return { port, opened };
};

describe('a connection with garbage', () => {
  test('is closed for good, though its client neither reads on nor closes', async () => {
    const { port, opened } = await watched();
    const client = await connectRaw(port);
    const [socket] = await opened;
    const closed = once(socket, 'close');
    await client.send(garbage);
    expect((await client.message()).startLine).toBe('HTTP/1.1 400 Bad Request');
    await closed;
    client.reset();
  });

  test('gets its answer whole, however much comes behind', async () => {
    const { port } = await watched();
    const answer = await exchange(port, Buffer.from(garbage.repeat(400_000)));
    expect(answer.response?.header('connection')).toBe('close');
    expect(answer.status).toBe(400);
  });

  test.each([
    ['431', `GET / HTTP/1.1\r\nX: ${'a'.repeat(17_000)}`],
    ['413', `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(17_000)}`],
    ['408', 'GET / HTTP/1.1\r\nX: '],
    ['400', garbage],
  ])('is told %s', async (status, bytes) => {
    const { port } = await watched(status === '408' ? 200 : undefined);
    const answer = await exchange(port, bytes);
    // This server answers before it has read a body.
    expect(answer.bytes.toString()).toContain(`HTTP/1.1 ${status} `);
  });
});
