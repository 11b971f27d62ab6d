import { afterEach, expect, test } from 'vitest';
import { connectRaw } from '../kit/raw-client.ts';
import { endAll, hungUp, startProxy } from './start-proxy.ts';

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
