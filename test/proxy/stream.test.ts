import { createHash, randomBytes } from 'node:crypto';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { lateness } from '../kit/lateness.ts';
import { inRun } from '../kit/long-run.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { runningTime } from '../kit/running-time.ts';
import {
  answerAll,
  answerBytes,
  ask,
  askBytes,
  askStream,
  endAll,
  ending,
  headerOf,
  hungUp,
  chunk,
  inFrontOf,
  question,
  startPair,
  startProxy,
  type TestProxy,
} from './start-proxy.ts';
import { chunkedHead, cuts, lastChunk, sseHead, streamText } from './cuts.ts';

afterEach(endAll);

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** An upstream that answers each request with these bytes. */
const answering = (bytes: string | Uint8Array, config = {}): Promise<TestProxy> =>
  inFrontOf(answerAll(bytes), config);

describe('the body the client gets is byte for byte what the upstream sent', () => {
  const types = { 'content-type': 'application/json' };
  const binary = randomBytes(300_000);
  const bodies: readonly (readonly [what: string, headers: Record<string, string>, body: Uint8Array])[] = [
    ['JSON', types, Buffer.from('{ "odd" :\t"spacing\\u00e9 é" }\n\n')],
    ['JSON in gzip', { ...types, 'content-encoding': 'gzip' }, gzipSync('{"usage":{"input_tokens":1}}')],
    ['SSE', { 'content-type': 'text/event-stream' }, Buffer.from(streamText)],
    [
      'SSE in gzip',
      { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' },
      gzipSync(streamText),
    ],
    [
      'SSE in br',
      { 'content-type': 'text/event-stream', 'content-encoding': 'br' },
      brotliCompressSync(streamText),
    ],
    [
      'SSE in zstd',
      { 'content-type': 'text/event-stream', 'content-encoding': 'zstd' },
      zstdCompressSync(streamText),
    ],
    ['an unknown encoding', { ...types, 'content-encoding': 'x-own' }, binary],
    ['a wrong encoding', { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }, binary],
    ['binary', { 'content-type': 'application/octet-stream' }, binary],
    ['bytes without a type', {}, binary],
    ['nothing', types, Buffer.alloc(0)],
    [
      'invalid UTF-8 in SSE',
      { 'content-type': 'text/event-stream' },
      Buffer.from('data: \xff\xfe\n\n', 'latin1'),
    ],
  ];
  test.each(bodies)('%s', async (_, headers, body) => {
    const proxy = await answering(answerBytes(200, headers, body));
    const answer = await ask(proxy);
    expect(sha256(answer.response?.body ?? '')).toBe(sha256(body));
    expect(headerOf(answer, 'content-length')).toBe(String(body.length));
    expect(headerOf(answer, 'content-encoding')).toBe(headers['content-encoding']);
    expect((await proxy.row()).outcome).toBe('ok');
  });

  test('in chunks of one byte, and told right', async () => {
    const pieces = Array.from(Buffer.from(streamText), (_, n) =>
      chunk(Buffer.from(streamText).subarray(n, n + 1)),
    );
    const proxy = await answering(
      Buffer.concat([Buffer.from(chunkedHead), ...pieces, Buffer.from(lastChunk)]),
    );
    const answer = await askStream(proxy);
    expect(answer.response?.complete).toBe(true);
    expect(sha256(answer.response?.body ?? '')).toBe(sha256(streamText));
    expect(await proxy.row()).toMatchObject({
      outcome: 'ok',
      stopReason: 'end_turn',
      tokens: { input: 12, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5 },
    });
  });

  test('in 200 random cuts, in the middle of characters and line ends', async () => {
    const random = seededRandom(7);
    const bytes = Buffer.from(streamText);
    const proxy = await inFrontOf(async (connection) => {
      for (;;) {
        await connection.message(60_000);
        await connection.send(chunkedHead);
        for (let at = 0; at < bytes.length;) {
          const length = 1 + Math.floor(random() * 90);
          await connection.send(chunk(bytes.subarray(at, at + length)));
          at += length;
        }
        await connection.send(lastChunk);
      }
    });
    const client = await connectRaw(proxy.port);
    for (let n = 0; n < 200; n += 1) {
      await client.send(askBytes(proxy, { body: JSON.stringify({ ...question, stream: true }) }));
      const answer = await client.message();
      expect(answer.complete && sha256(answer.body)).toBe(sha256(streamText));
    }
    client.reset();
    await proxy.row(199);
    const rows = proxy.eventsOf('requestFinished').map(({ request }) => request);
    expect(new Set(rows.map(({ outcome, tokens }) => `${outcome} ${JSON.stringify(tokens)}`)).size).toBe(1);
    expect(rows[0]).toMatchObject({ outcome: 'ok', tokens: { input: 12 } });
  });

  test('a stream that ends with its connection', async () => {
    const proxy = await inFrontOf(async (connection) => {
      await connection.message();
      await connection.send(`${sseHead}Connection: close\r\n\r\n${streamText}`);
      connection.end();
    });
    const answer = await askStream(proxy);
    expect(sha256(answer.response?.body ?? '')).toBe(sha256(streamText));
    expect(answer.response?.complete).toBe(true);
    expect((await proxy.row()).outcome).toBe('ok');
  });

  test('each piece goes on as it comes, the head before the first', async () => {
    const upstream = ending(await startRawUpstream());
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy));
    const connection = await upstream.connection(0);
    await connection.message();
    await connection.send(chunkedHead);
    await client.until('\r\n\r\n');
    for (const piece of ['event: ping\n', 'data: {"type":"ping"}\n\n', ': only a comment\n\n']) {
      await connection.send(chunk(Buffer.from(piece)));
      await client.until(piece);
    }
    await connection.send(lastChunk);
    expect((await client.message()).complete).toBe(true);
    client.reset();
  });
});

describe('an answer that was cut never looks complete', () => {
  const bytes = Buffer.from(streamText);
  const half = chunk(bytes.subarray(0, 700));
  test.each(cuts)('%s', async (_, sent, how) => {
    const died = Promise.withResolvers<() => number>();
    const proxy = await inFrontOf(async (connection) => {
      await connection.message();
      await connection.send(Buffer.from(sent, 'latin1'));
      await passed.promise;
      died.resolve(runningTime());
      connection[how]();
    });
    const passed = Promise.withResolvers<void>();
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, { body: JSON.stringify({ ...question, stream: true }) }));
    await client.until('\r\n\r\n');
    passed.resolve();
    await hungUp(client);
    expect((await died.promise)()).toBeLessThan(250);
    const received = client.received().toString('latin1');
    expect(received).toMatch(/^HTTP\/1\.1 200 /);
    expect(received).not.toMatch(/\r\n0\r\n\r\n$/);
    const announced = /content-length: (\d+)/i.exec(received)?.[1];
    const length = received.length - received.indexOf('\r\n\r\n') - 4;
    expect(length).toBeLessThan(Number(announced ?? Infinity));
    expect(await proxy.row()).toMatchObject({
      outcome: 'truncated',
      status: 200,
      error: 'the answer was cut',
    });
    await proxy.account('work', ({ inFlight }) => inFlight === 0);
  });

  test('everything that came before the cut reaches the client', async () => {
    const proxy = await inFrontOf(async (connection) => {
      await connection.message();
      await connection.send(Buffer.concat([Buffer.from(chunkedHead), half]));
      connection.end();
    });
    const answer = await askStream(proxy, { 'user-agent': 'claude-cli/2.1.330' });
    expect(answer.response?.complete).toBe(false);
    expect(answer.response?.body).toEqual(bytes.subarray(0, 700));
  });

  test.each(['reset-mid-body', 'end-mid-chunk', 'no-message-stop'] as const)(
    'the real SDK throws in both stream forms (%s)',
    async (fault) => {
      const pair = await startPair();
      pair.upstream.fail({ fault });
      const client = new Anthropic({ baseURL: pair.url, apiKey: 'x', maxRetries: 0 });
      const seen: string[] = [];
      const iterate = async (): Promise<void> => {
        for await (const event of await client.messages.create({ ...question, stream: true })) {
          seen.push(event.type);
        }
      };
      await expect(iterate()).rejects.toThrow(/The answer of the provider was cut off/);
      expect(seen[0]).toBe('message_start');
      await expect(client.messages.stream(question).finalMessage()).rejects.toThrow(
        /The answer of the provider was cut off/,
      );
      expect((await pair.row(1)).outcome).toBe('truncated');
    },
  );

  test('an error event is the answer: it passes whole, and the row says what it was', async () => {
    const pair = await startPair();
    pair.upstream.fail({ fault: 'error-mid-stream' });
    const answer = await askStream(pair);
    expect(answer.response?.complete).toBe(true);
    expect(String(answer.response?.body)).toMatch(/event: error\ndata: .*overloaded_error.*\n\n$/);
    expect(await pair.row()).toMatchObject({ outcome: 'error', status: 200, error: 'overloaded_error' });
  });
});

describe('silence', () => {
  test('in mid-stream is a cut when it lasts too long', async () => {
    const pair = await startPair({ work: { kind: 'unified' } }, { config: { timeouts: { idleMs: 200 } } });
    pair.upstream.fail({ fault: 'stall-mid-body' });
    const started = performance.now();
    const elapsed = runningTime();
    const answer = await askStream(pair);
    expect(performance.now() - started).toBeGreaterThan(195);
    expect(elapsed()).toBeLessThan(600);
    expect(answer.response?.complete).toBe(false);
    expect((await pair.row()).outcome).toBe('truncated');
    await pair.upstream.awaitClose(({ end }) => end === 'client-left');
  });

  test('pings are life', async () => {
    const ping = chunk(Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'));
    const proxy = await inFrontOf(
      async (connection) => {
        await connection.message();
        await connection.send(chunkedHead);
        for (let n = 0; n < 10; n += 1) {
          await new Promise((resolve) => {
            setTimeout(resolve, 50);
          });
          await connection.send(ping);
        }
        await connection.send(lastChunk);
      },
      { timeouts: { idleMs: 400 } },
    );
    const answer = await askStream(proxy);
    expect(answer.response?.complete).toBe(true);
    expect((await proxy.row()).outcome).toBe('ok');
  });

  test('is a cut within a tenth of its limit, counted from the last ping', async () => {
    const limit = 1000;
    const ping = chunk(Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'));
    const proxy = await inFrontOf(
      async (connection) => {
        await connection.message();
        await connection.send(chunkedHead);
        for (let n = 0; n < 3; n += 1) {
          await new Promise((resolve) => {
            setTimeout(resolve, 200);
          });
          await connection.send(ping);
        }
      },
      { timeouts: { idleMs: limit } },
    );
    const late = await lateness(limit, async (begin) => {
      const client = await connectRaw(proxy.port);
      await client.send(askBytes(proxy));
      await client.until((bytes) => bytes.toString().split('event: ping').length === 4);
      begin();
      await hungUp(client);
    });
    expect(Math.abs(late)).toBeLessThan(limit / 10);
  });

  test('of a client that does not read is not silence of the provider', async () => {
    const body = randomBytes(12 * 1_048_576);
    const proxy = await answering(answerBytes(200, {}, body), { timeouts: { idleMs: 600 } });
    const client = await connectRaw(proxy.port);
    client.pause();
    await client.send(askBytes(proxy));
    await proxy.awaitEvent('responseStarted');
    await new Promise((resolve) => {
      setTimeout(resolve, 1500);
    });
    client.resume();
    const answer = await client.message();
    expect(sha256(answer.body)).toBe(sha256(body));
    client.reset();
    expect((await proxy.row()).outcome).toBe('ok');
  });
});

describe('back-pressure', () => {
  test('a client that reads nothing stops the upstream, and memory stays flat', async () => {
    const piece = Buffer.alloc(65_536, 0x61);
    const offered = inRun(64, 400) * 1_048_576;
    let taken = 0;
    const blocked = Promise.withResolvers<void>();
    const proxy = await inFrontOf(async (connection) => {
      await connection.message();
      await connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${offered}\r\n\r\n`);
      while (taken < offered) {
        const sent = connection.send(piece).then(() => true);
        const stuck = new Promise<boolean>((resolve) => {
          setTimeout(() => resolve(false), 500);
        });
        if (!(await Promise.race([sent, stuck]))) break;
        taken += piece.length;
      }
      blocked.resolve();
    });
    const before = process.memoryUsage().rss;
    const client = await connectRaw(proxy.port);
    client.pause();
    await client.send(askBytes(proxy));
    await blocked.promise;
    expect(taken).toBeLessThanOrEqual(16 * 1_048_576);
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1_048_576);
    client.reset();
    expect((await proxy.row()).outcome).toBe('aborted');
  });
});
