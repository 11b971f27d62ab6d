import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { skipBody } from '../../source/proxy/skip-body.ts';
import { startTimeLimit } from '../../source/proxy/time-limit.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { endAll, ending, hungUp, startProxy } from './start-proxy.ts';

afterEach(endAll);

const head = (host: string, path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\n`;

test('a body that nobody wants is read over, and the connection goes on', async () => {
  const { port, host } = await startProxy([]);
  const client = await connectRaw(port);
  for (const path of ['/healthz', '/nothing', '/']) {
    await client.send(head(host, path));
    const answer = await client.message();
    expect(answer.startLine).toContain(path === '/nothing' ? '404' : '200');
    await client.send('12345');
  }
  client.reset();
});

test.each(['/healthz', '/nothing', '/'])(
  'one for %s that does not end costs the connection',
  async (path) => {
    const { port, host } = await startProxy([], { config: { timeouts: { clientBodyMs: 200 } } });
    const client = await connectRaw(port);
    await client.send(head(host, path));
    await client.message();
    // Each byte is a sign of life, but nothing here waits for it.
    const drip = setInterval(() => void (client.socket.destroyed || client.socket.write('')), 20);
    expect(await hungUp(client)).not.toBe('none');
    clearInterval(drip);
  },
);

test('one whose client has left after the answer is waited for no longer', async () => {
  const limitMs = 100;
  const answered = Promise.withResolvers<IncomingMessage>();
  const server = createServer((request, response) => {
    skipBody(request, limitMs);
    response.end(() => answered.resolve(request));
  });
  ending({ close: async () => void server.close() });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = await connectRaw((server.address() as AddressInfo).port);
  await client.send(head('x', '/'));
  const request = await answered.promise;
  const gone = new Promise<unknown>((resolve) => void request.socket.once('close', resolve));
  client.reset();
  await gone;
  const destroy = vi.spyOn(request, 'destroy');
  // One that is as long, and began later.
  await new Promise<void>((resolve) => void startTimeLimit(limitMs, resolve));
  expect(destroy).not.toHaveBeenCalled();
});
