import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient, type Client } from '../../source/demo/client.ts';
import { quietPort } from '../kit/quiet-port.ts';

const never = new AbortController().signal;
const ask = { path: '/v1/messages', headers: { 'user-agent': 'claude-cli/1' }, body: '{"model":"m"}' };

let server: Server | null = null;
let client: Client | null = null;
afterEach(() => {
  client?.close();
  server?.closeAllConnections();
  server?.close();
});

const clientOf = async (listener: RequestListener): Promise<Client> => {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return client;
};

describe('a client', () => {
  test('sends what it is given and reads the answer to its end', async () => {
    const seen: unknown[] = [];
    const sender = await clientOf(async (request, response) => {
      const body = (await request.toArray()).join('');
      seen.push(request.method, request.url, request.headers['user-agent'], body);
      response.writeHead(429, { 'retry-after': '3' }).end('{}');
    });
    expect(await sender.send(ask, never)).toEqual({ kind: 'answered', status: 429, retryAfterMs: 3000 });
    expect(seen).toEqual(['POST', '/v1/messages', 'claude-cli/1', ask.body]);
  });

  test('takes an answer that breaks off for broken, and no answer as well', async () => {
    const sender = await clientOf((request, response) => {
      if (request.url === '/none') return void request.socket.destroy();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n', () => request.socket.resetAndDestroy());
    });
    expect(await sender.send(ask, never)).toEqual({ kind: 'broken' });
    expect(await sender.send({ ...ask, path: '/none' }, never)).toEqual({ kind: 'broken' });
    sender.close();
    client = createClient(`http://127.0.0.1:${await quietPort()}`);
    expect(await client.send(ask, never)).toEqual({ kind: 'broken' });
  });

  test('leaves the stream that began first, and says when there is none', async () => {
    const left: string[] = [];
    const sender = await clientOf((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      response.once('close', () => left.push(request.url ?? ''));
    });
    expect(sender.leaveOne()).toBe(false);
    const first = sender.send({ ...ask, path: '/first' }, never);
    await expect.poll(() => sender.openStreams()).toBe(1);
    const second = sender.send({ ...ask, path: '/second' }, never);
    await expect.poll(() => sender.openStreams()).toBe(2);
    expect(sender.leaveOne()).toBe(true);
    expect(await first).toEqual({ kind: 'left' });
    await expect.poll(() => left).toEqual(['/first']);
    expect(sender.leaveOne()).toBe(true);
    expect(await second).toEqual({ kind: 'left' });
    expect(sender.leaveOne()).toBe(false);
  });

  test('hangs up when it is told to', async () => {
    const hangUp = new AbortController();
    const sender = await clientOf(() => hangUp.abort());
    expect(await sender.send(ask, hangUp.signal)).toEqual({ kind: 'broken' });
  });
});
