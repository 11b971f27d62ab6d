import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { readBody, type BodyResult } from '../../source/proxy/read-body.ts';
import { ReplayMemory } from '../../source/proxy/replay-memory.ts';
import {
  answerAll,
  answerBytes,
  ask,
  chunk,
  endAll,
  ending,
  hungUp,
  question,
  startPair,
  startProxy,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A server that reads one body after the other and gives away what came of it. */
const reader = async (limit: number, idleMs = 5000, memory = new ReplayMemory()) => {
  const results: Promise<BodyResult>[] = [];
  const arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const result = readBody(request, limit, idleMs, memory);
    results.push(result);
    arrived.resolve();
    void result.then(({ kind }) => response.end(kind));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ending({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    first: async (): Promise<BodyResult> => {
      await arrived.promise;
      return results[0]!;
    },
  };
};

const head = 'POST / HTTP/1.1\r\nHost: x\r\n';
const textOf = (result: BodyResult): string | null =>
  result.kind === 'complete' ? Buffer.concat(result.body.chunks).toString() : null;

describe('reading a body', () => {
  test('resolves with every byte and their number, announced or in chunks', async () => {
    const { port, first } = await reader(10);
    const client = await connectRaw(port);
    await client.send(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n`);
    const result = await first();
    expect(textOf(result)).toBe('abcde');
    expect(result).toMatchObject({ body: { length: 5 } });
    await client.message();
    await client.send(`${head}Content-Length: 10\r\n\r\n0123456789`);
    expect(String((await client.message()).body)).toBe('complete');
    client.reset();
  });

  test('resolves at once without a body, and the connection can go on', async () => {
    const { port, first } = await reader(10);
    const client = await connectRaw(port);
    for (const lines of ['', 'Content-Length: 0\r\n']) {
      await client.send(`${head}${lines}\r\n`);
      expect(String((await client.message()).body)).toBe('complete');
    }
    expect(await first()).toEqual({ kind: 'complete', body: { chunks: [], length: 0 } });
    client.reset();
  });

  test('refuses what announces too much before a byte of it came', async () => {
    const { port, first } = await reader(10);
    const client = await connectRaw(port);
    await client.send(`${head}Content-Length: 11\r\n\r\n`);
    expect(await first()).toEqual({ kind: 'too_large' });
    client.reset();
  });

  test('refuses chunks with the byte that is too much', async () => {
    const { port, first } = await reader(10);
    const client = await connectRaw(port);
    await client.send(`${head}Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n`);
    await client.send('1\r\nx\r\n');
    expect(await first()).toEqual({ kind: 'too_large' });
    client.reset();
  });

  test.each(['end', 'reset'] as const)('a client that leaves early (%s) is told apart', async (way) => {
    const { port, first } = await reader(10);
    const client = await connectRaw(port);
    await client.send(`${head}Content-Length: 10\r\n\r\n01`);
    const result = first();
    client[way]();
    expect(await result).toEqual({ kind: 'aborted' });
    client.reset();
  });

  test('what it keeps counts, and what it throws away does not', async () => {
    const memory = new ReplayMemory(100);
    const { port, first } = await reader(10, 5000, memory);
    const whole = await connectRaw(port);
    await whole.send(`${head}Content-Length: 10\r\n\r\n0123456789`);
    expect(await first()).toMatchObject({ kind: 'complete' });
    expect(memory.used).toBe(10);
    const large = await connectRaw(port);
    await large.send(`${head}Transfer-Encoding: chunked\r\n\r\n9\r\n012345678\r\n2\r\nxx\r\n`);
    expect(String((await large.message()).body)).toBe('too_large');
    expect(memory.used).toBe(10);
    whole.reset();
    large.reset();
  });

  test('without memory for more it hands over what came and reads no further', async () => {
    const memory = new ReplayMemory(10);
    const { port, first } = await reader(100, 5000, memory);
    const client = await connectRaw(port);
    await client.send(`${head}Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\nabc\r\n`);
    const result = await first();
    expect(result).toMatchObject({ kind: 'unkept', counted: 8 });
    const chunks = result.kind === 'unkept' ? result.chunks : [];
    expect(Buffer.concat(chunks).toString()).toBe('01234567abc');
    expect(memory.used).toBe(8);
    client.reset();
  });

  test('a body that comes byte by byte is kept in few buffers', async () => {
    const { port, first } = await reader(200_000);
    const client = await connectRaw(port);
    await client.send(`${head}Transfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(200_000)}0\r\n\r\n`);
    const result = await first();
    expect(textOf(result)).toBe('x'.repeat(200_000));
    expect(result.kind === 'complete' && result.body.chunks.length).toBeLessThan(40);
    client.reset();
  });

  test('silence ends it, life does not', async () => {
    const { port, first } = await reader(100, 600);
    const client = await connectRaw(port);
    await client.send(`${head}Content-Length: 50\r\n\r\n`);
    const started = performance.now();
    const timer = setInterval(() => void (client.socket.destroyed || client.send('x')), 100);
    const stop = setTimeout(() => clearInterval(timer), 950);
    expect(await first()).toEqual({ kind: 'aborted' });
    clearTimeout(stop);
    clearInterval(timer);
    expect(performance.now() - started).toBeGreaterThan(1300);
    client.reset();
  });
});

/** A proxy in front of an upstream whose connections can be counted: none may come. */
const guarded = async (config = {}): Promise<TestProxy & { upstream: RawUpstream }> => {
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
  return { ...(await startProxy([{ name: 'work', url: upstream.url }], { config })), upstream };
};

describe('a body over the limit', () => {
  const megabyte = 1_048_576;

  test.each([33, 1024])('%i MiB announced: 413, and nothing is read or sent upstream', async (mebibytes) => {
    const proxy = await guarded();
    const client = await connectRaw(proxy.port);
    await client.send(
      `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nContent-Length: ${mebibytes * megabyte}\r\n\r\n`,
    );
    const answer = await client.message();
    expect(answer.startLine).toContain('413');
    expect(answer.header('x-ccr-error')).toBe('body_too_large');
    expect(JSON.parse(String(answer.body))).toMatchObject({ error: { type: 'request_too_large' } });
    expect(await hungUp(client)).not.toBe('none');
    expect(proxy.upstream.connections).toHaveLength(0);
    expect(await proxy.row()).toMatchObject({ status: 413, outcome: 'rejected', attempts: [] });
  });

  test('an endless chunked body: 413, and reading stops', async () => {
    const limit = inRun(2, 32);
    const proxy = await guarded({ bodyLimitMiB: limit });
    const before = process.memoryUsage().rss;
    const client = await connectRaw(proxy.port);
    await client.send(
      `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const piece = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0x20), Buffer.from('\r\n')]);
    const answer = client.message();
    const drained = (): Promise<unknown> =>
      new Promise((resolve) => {
        client.socket.once('drain', resolve);
      });
    let sent = 0;
    while (client.received().length === 0 && sent < 1024 * megabyte) {
      sent += piece.length;
      if (!client.socket.write(piece)) await Promise.race([drained(), answer]);
    }
    expect((await answer).startLine).toContain('413');
    // What the kernels take beyond the limit is not read.
    expect(sent).toBeLessThan((limit + 14) * megabyte);
    expect(process.memoryUsage().rss - before).toBeLessThan((limit + 16) * megabyte);
    expect(proxy.upstream.connections).toHaveLength(0);
    client.reset();
  });

  test('the real SDK reads the 413', async () => {
    const proxy = await guarded();
    const client = new Anthropic({ baseURL: proxy.url, apiKey: 'x', maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'x'.repeat(33 * megabyte) }];
    await expect(client.messages.create({ ...question, messages })).rejects.toMatchObject({ status: 413 });
  });

  test('exactly the limit passes', async () => {
    const pair = await startPair({ work: { kind: 'none' } }, { config: { bodyLimitMiB: 1 } });
    const padding = megabyte - JSON.stringify({ ...question, pad: '' }).length;
    const body = JSON.stringify({ ...question, pad: 'x'.repeat(padding) });
    expect(Buffer.byteLength(body)).toBe(megabyte);
    expect((await ask(pair, { body })).status).toBe(200);
    const sent = createHash('sha256').update(body).digest('hex');
    expect(pair.upstream.requests[0]?.bodySha256).toBe(sent);
    expect((await ask(pair, { body: `${body} ` })).status).toBe(413);
  });
});

test.each(['/v1/messages', '/v1/files'])(
  'the body of %s arrives byte for byte in chunks of one byte and in any cuts, also within a character',
  async (path) => {
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        for (;;) {
          const message = await connection.message(60_000).catch(() => null);
          if (message === null) return;
          await connection.send(answerBytes(200, {}, sha256(message.body)));
        }
      }),
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const body = Buffer.from('{"a":"Grüße 数えきれない 👩‍🚀",\r\n"b":"\\r\\n\u2028"}\r\n'.repeat(4));
    const random = seededRandom(11);
    const lengths = [
      () => 1,
      ...Array.from({ length: inRun(40, 200) }, () => () => 1 + Math.floor(random() * 60)),
    ];
    const client = await connectRaw(proxy.port);
    for (const length of lengths) {
      await client.send(`POST ${path} HTTP/1.1\r\nHost: ${proxy.host}\r\nTransfer-Encoding: chunked\r\n\r\n`);
      for (let at = 0, end = 0; at < body.length; at = end) {
        end = at + length();
        const piece = chunk(body.subarray(at, end));
        // And what is one chunk comes in two pieces.
        await client.send(piece.subarray(0, -3));
        await client.send(piece.subarray(-3));
      }
      await client.send('0\r\n\r\n');
      expect(String((await client.message()).body)).toBe(sha256(body));
    }
    client.reset();
  },
);

test.each(['end', 'reset'] as const)(
  'a client that leaves while it uploads (%s) costs nothing',
  async (way) => {
    const proxy = await guarded();
    const client = await connectRaw(proxy.port);
    await client.send(
      `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n`,
    );
    await client.until('100 Continue');
    await client.send('{"model":"x"');
    client[way]();
    expect(await proxy.row()).toMatchObject({
      outcome: 'aborted',
      status: null,
      account: null,
      attempts: [],
    });
    expect(proxy.upstream.connections).toHaveLength(0);
    await client.closed;
  },
);

describe('a client that asks before it sends', () => {
  test('100-continue is answered, and not asked of the upstream', async () => {
    const proxy = await guarded();
    const client = await connectRaw(proxy.port);
    await client.send(
      `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    );
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    await client.send('{}');
    await client.until('HTTP/1.1 200');
    expect(proxy.upstream.connections[0]?.received().toString()).not.toMatch(/expect/i);
    client.reset();
  });

  test.each([
    ['a foreign Host', { host: 'evil.example', length: 2, status: '421' }],
    ['a body over the limit', { host: null, length: 34_603_008, status: '413' }],
  ])('the body is not asked for after %s', async (_, { host, length, status }) => {
    const proxy = await guarded();
    const client = await connectRaw(proxy.port);
    await client.send(
      `POST /v1/messages HTTP/1.1\r\nHost: ${host ?? proxy.host}\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`,
    );
    expect((await client.message()).startLine).toContain(status);
    await hungUp(client);
    expect(client.received().toString()).not.toContain('100 Continue');
  });
});
