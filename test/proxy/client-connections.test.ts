import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { ask, askBytes, endAll, ending, startProxy } from './start-proxy.ts';

afterEach(endAll);

/** A proxy with one request under way: its client, and where it waits for its answer. */
const openAsking = async () => {
  const upstream = ending(await startRawUpstream());
  const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
  const asking = await connectRaw(proxy.port);
  await asking.send(askBytes(proxy));
  const answering = await upstream.connection(0);
  await answering.message();
  return { upstream, proxy, asking, answering };
};

describe('a flood', () => {
  test('of connections, silent ones and such that never end their body, leaves 512, ends no request, and shuts nobody out', async () => {
    const { proxy, asking, answering } = await openAsking();
    let open = 0;
    const upload = `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nContent-Length: 99\r\n\r\n{`;
    const hold = async (_: unknown, n: number): Promise<void> => {
      const socket = connect({ port: proxy.port, host: '127.0.0.1' }).resume();
      ending({ close: async () => void socket.destroy() });
      socket.on('error', () => {}).once('close', () => (open -= 1));
      await once(socket, 'connect');
      open += 1;
      if (n % 2 === 0) socket.write(upload);
    };
    // Not all at once: what the kernel drops before we have seen it proves nothing.
    for (let n = 0; n < inRun(4, 10); n += 1) await Promise.all(Array.from({ length: 200 }, hold));
    await expect.poll(() => open, { timeout: 10_000 }).toBe(511);
    expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
    await answering.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    expect(String((await asking.message()).body)).toBe('{}');
    asking.reset();
  });

  test('of requests on one connection ends that connection, and no other', async () => {
    const { upstream, proxy, asking, answering } = await openAsking();
    const request = askBytes(proxy, { method: 'GET', path: '/v1/models' });
    const { end, status } = await exchange(
      proxy.port,
      Buffer.concat(Array.from({ length: 1500 }, () => request)),
    );
    expect([end === 'none', status]).toEqual([false, null]);
    expect(upstream.connections.length).toBeLessThan(600);
    await answering.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    expect(String((await asking.message()).body)).toBe('{}');
    asking.reset();
    await proxy.account('work', ({ inFlight }) => inFlight === 0);
  });
});
