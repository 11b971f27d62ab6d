import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Limits } from '../../source/demo/limits.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from '../../source/demo/upstream.ts';
import { connectRaw, exchange, requestBytes } from '../kit/raw-client.ts';

const running: Upstream[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((upstream) => upstream.close()));
});

const start = async (limits: Limits, options: Partial<UpstreamOptions> = {}): Promise<Upstream> => {
  const upstream = await startUpstream({ accounts: [{ name: 'work', key: 'key-work', limits }], ...options });
  running.push(upstream);
  return upstream;
};

const question = {
  model: 'claude-opus-5-5',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'How long is a window?' }],
};
const ask = (upstream: Upstream, body: unknown = question, key = 'key-work') =>
  exchange(
    upstream.port,
    requestBytes('POST', '/v1/messages', { host: 'upstream', 'x-api-key': key }, JSON.stringify(body)),
  );

describe('what a test can know', () => {
  test('the exact request: method, path with query, header names as written, hash and length of the body', async () => {
    const upstream = await start({ kind: 'none' });
    const body = JSON.stringify(question);
    await exchange(
      upstream.port,
      requestBytes('POST', '/v1/messages?beta=true', { Host: 'x', 'X-Api-KEY': 'key-work' }, body),
    );
    expect(await upstream.awaitClose()).toMatchObject({
      seq: 1,
      method: 'POST',
      path: '/v1/messages?beta=true',
      account: 'work',
      bodyLength: body.length,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      status: 200,
      end: 'sent',
      rawHeaders: ['Host', 'x', 'X-Api-KEY', 'key-work', 'content-length', String(body.length)],
    });
  });

  test('a client that left before its body was complete', async () => {
    const upstream = await start({ kind: 'none' });
    const connection = await connectRaw(upstream.port);
    await connection.send('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
    connection.reset();
    expect(await upstream.awaitClose()).toMatchObject({ bodySha256: null, end: 'client-left', status: null });
    await expect(upstream.awaitRequest(undefined, 1)).rejects.toThrow('within 1 ms');
  });

  test('only the newest requests are kept, and the order of two connections is told', async () => {
    const upstream = await start({ kind: 'none' }, { keep: 2 });
    for (let n = 0; n < 3; n += 1) await ask(upstream);
    expect(upstream.requests.map(({ seq }) => seq)).toEqual([2, 3]);
  });

  test('the same requests get the same answers from the same seed', async () => {
    const answers = async (): Promise<string[]> => {
      const upstream = await start({ kind: 'none' });
      const first = await ask(upstream, { ...question, stream: true });
      const second = await ask(upstream);
      return [first, second].map(({ response }) => response!.body.toString());
    };
    const [once, again] = [await answers(), await answers()];
    expect(once).toEqual(again);
    expect(once[0]).toContain('event: ping');
  });

  test('unknown paths, methods and targets are 404, a body over 32 MiB is 413', async () => {
    const upstream = await start({ kind: 'none' });
    const headers = { host: 'x', 'x-api-key': 'key-work' };
    for (const [method, path] of [
      ['GET', '/v1/messages'],
      ['POST', '/v1/complete'],
      ['GET', '//evil?x=%'],
      ['OPTIONS', '*'],
    ] as const) {
      expect((await exchange(upstream.port, requestBytes(method, path, headers))).status).toBe(404);
    }
    const big = Buffer.alloc(32 * 1024 * 1024 + 1, 'x');
    expect((await exchange(upstream.port, requestBytes('POST', '/v1/messages', headers, big))).status).toBe(
      413,
    );
  });

  test('a fault for an account that does not exist, and a window that does not, are mistakes of the test', async () => {
    const upstream = await start({ kind: 'none' });
    expect(() => upstream.fail({ fault: 'overloaded', account: 'wrok' })).toThrow('wrok');
    await expect(start({ kind: 'classic', quota: { '5h': 1 } })).rejects.toThrow('no window 5h');
  });

  test('a fault of streams waits for a stream: a refusal does not use it up', async () => {
    const upstream = await start({ kind: 'unified', used: { '5h': 1 } });
    const clear = upstream.fail({ fault: 'no-message-stop', times: 1 });
    const refused = await ask(upstream, { ...question, stream: true });
    expect(refused).toMatchObject({ status: 429, response: { complete: true } });
    expect(upstream.requests[0]).toMatchObject({ fault: null, end: 'sent' });
    clear();
  });
});
