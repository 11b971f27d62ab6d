import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { runningTime } from '../kit/running-time.ts';
import {
  answerBytes,
  askBytes,
  ask,
  chunk,
  endAll,
  ending,
  headerOf,
  hungUp,
  startProxy,
  type TestConfig,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const megabyte = 1_048_576;

type Pair = TestProxy & { upstream: RawUpstream };

/** Two accounts at one upstream, whose connections the test takes. */
const pair = async (
  config: TestConfig = {},
  script?: (connection: RawConnection) => Promise<void>,
): Promise<Pair> => {
  const upstream = ending(await startRawUpstream(script));
  const accounts = ['a', 'b'].map((name) => ({ name, url: upstream.url }));
  return { ...(await startProxy(accounts, { config })), upstream };
};

type Framing = { length: number } | 'chunked';

/** A client that has sent the head of an upload. */
const uploading = async (proxy: TestProxy, framing: Framing, path = '/v1/files'): Promise<RawConnection> => {
  const client = await connectRaw(proxy.port);
  const how = framing === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${framing.length}`;
  await client.send(`POST ${path} HTTP/1.1\r\nHost: ${proxy.host}\r\n${how}\r\n\r\n`);
  return client;
};

/** Writes as fast as the other side takes it, until `isEnough`; gives the number of bytes. */
const pour = async (
  client: RawConnection,
  piece: Uint8Array,
  isEnough: (sent: number) => boolean,
): Promise<number> => {
  const { socket } = client;
  const closed = once(socket, 'close').catch(() => undefined);
  let sent = 0;
  while (!isEnough(sent) && !socket.destroyed && socket.writable) {
    sent += piece.length;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
  }
  return sent;
};

/** Waits until nothing more of what a client writes is taken, and says how much was. */
const standstill = async ({ socket }: RawConnection): Promise<number> => {
  let taken = -1;
  for (;;) {
    const now = socket.bytesWritten - socket.writableLength;
    if (now === taken) return now;
    taken = now;
    await sleep(200);
  }
};

const ok = answerBytes(200, { 'content-type': 'application/json' }, '{"id":"file_1"}');
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('an upload', () => {
  test.each(['/v1/files', '/v1/messages/batches'])('to %s goes on before it is whole', async (path) => {
    const proxy = await pair();
    const client = await uploading(proxy, { length: 100_000 }, path);
    await client.send('first piece');
    const connection = await proxy.upstream.connection(0);
    await connection.until('first piece');
    await client.send(Buffer.alloc(100_000 - 'first piece'.length));
    expect((await connection.message()).body).toHaveLength(100_000);
    await connection.send(ok);
    expect((await client.message()).startLine).toContain('200');
    expect(await proxy.row()).toMatchObject({ path, outcome: 'ok', attempts: [{ status: 200 }] });
    client.reset();
  });

  test.each(['chunked', 'length'] as const)('arrives byte for byte, as it came (%s)', async (how) => {
    const proxy = await pair({}, async (connection) => {
      const { body, framing } = await connection.message(60_000);
      await connection.send(answerBytes(200, { 'x-framing': framing, 'x-hash': hash(body) }, '{}'));
    });
    const pieces = Array.from({ length: 20 }, (_, n) => randomBytes(1 + n * 5000));
    const body = Buffer.concat(pieces);
    const client = await uploading(proxy, how === 'chunked' ? how : { length: body.length });
    for (const piece of pieces) await client.send(how === 'chunked' ? chunk(piece) : piece);
    if (how === 'chunked') await client.send('0\r\n\r\n');
    const answer = await client.message();
    expect([answer.header('x-framing'), answer.header('x-hash')]).toEqual([how, hash(body)]);
    client.reset();
  });

  test('leaves its connection for the next one, when it was taken whole', async () => {
    const proxy = await pair({}, async (connection) => {
      while (await connection.message(60_000).catch(() => null)) await connection.send(ok);
    });
    for (let n = 0; n < 2; n += 1) {
      expect((await ask(proxy, { path: '/v1/files', body: Buffer.alloc(50_000) })).status).toBe(200);
    }
    expect((await ask(proxy)).status).toBe(200);
    // Each upload opens its own: a pooled one that had died would cost it. What follows takes one of those.
    expect(proxy.upstream.connections).toHaveLength(2);
  });

  test('waits for an upstream that takes nothing: little of it is in memory', async () => {
    const proxy = await pair();
    const client = await uploading(proxy, { length: 200 * megabyte });
    const connection = await proxy.upstream.connection(0);
    connection.pause();
    for (let n = 0; n < 40; n += 1) client.socket.write(Buffer.alloc(megabyte));
    expect(await standstill(client)).toBeLessThan(16 * megabyte);
    client.reset();
    connection.resume();
    await hungUp(connection);
  });

  test.each([401, 429, 500, 529])('is sent once, whatever the answer (%i)', async (status) => {
    const proxy = await pair({}, async (connection) => {
      await connection.message();
      await connection.send(answerBytes(status, {}, '{}'));
    });
    const answer = await ask(proxy, { path: '/v1/files', body: Buffer.alloc(50_000) });
    expect(answer.status).toBe(status === 401 ? 502 : status);
    expect(headerOf(answer, 'connection') ?? 'keep-alive').toBe('keep-alive');
    expect(proxy.upstream.connections).toHaveLength(1);
    expect(await proxy.row()).toMatchObject({ mayHaveRunTwice: false, attempts: [{}] });
  });

  test('is a 502 when its connection dies, and is sent nowhere else', async () => {
    const proxy = await pair({}, async (connection) => {
      await connection.until((bytes) => bytes.length > 20_000);
      connection.reset();
    });
    const client = await uploading(proxy, { length: 10 * megabyte });
    const answer = client.message();
    await client.send(Buffer.alloc(40_000));
    expect((await answer).startLine).toContain('502');
    expect(await hungUp(client)).not.toBe('none');
    expect(proxy.upstream.connections).toHaveLength(1);
  });
});

describe('an answer before the upload is over', () => {
  test('reaches the client, and ends both connections', async () => {
    const proxy = await pair();
    const client = await uploading(proxy, { length: 10 * megabyte });
    await client.send(Buffer.alloc(50_000));
    const connection = await proxy.upstream.connection(0);
    await connection.until((bytes) => bytes.length > 50_000);
    await connection.send(answerBytes(413, { 'content-type': 'application/json' }, '{"type":"error"}'));
    const answer = await client.message();
    expect([answer.startLine, String(answer.body)]).toEqual([
      expect.stringContaining('413'),
      '{"type":"error"}',
    ]);
    expect(answer.header('connection')).toBe('close');
    expect(await hungUp(client)).not.toBe('none');
    await hungUp(connection);
    expect(await proxy.row()).toMatchObject({ status: 413, outcome: 'error', attempts: [{ status: 413 }] });
  });

  test('does not stop an upload that goes on: both ends of it arrive', async () => {
    const proxy = await pair();
    const client = await uploading(proxy, 'chunked');
    await client.send(chunk(Buffer.from('first')));
    const connection = await proxy.upstream.connection(0);
    await connection.until('first');
    await connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
    await client.until('hello');
    await client.send(Buffer.concat([chunk(Buffer.from('last')), Buffer.from('0\r\n\r\n')]));
    expect(String((await connection.message()).body)).toBe('firstlast');
    await connection.send('3\r\nbye\r\n0\r\n\r\n');
    expect(String((await client.message()).body)).toBe('hellobye');
  });
});

describe('a client that leaves while it uploads', () => {
  test.each([
    ['end', false],
    ['reset', false],
    ['end', true],
    ['reset', true],
  ] as const)('closes the upstream (%s, answered: %s)', async (way, isAnswered) => {
    const proxy = await pair();
    const client = await uploading(proxy, { length: 10 * megabyte });
    await client.send('first');
    const connection = await proxy.upstream.connection(0);
    await connection.until('first');
    if (isAnswered) {
      await connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
      await client.until('hello');
    }
    const elapsed = runningTime();
    client[way]();
    await hungUp(connection);
    expect(elapsed()).toBeLessThan(250);
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted' });
    await proxy.account('a', ({ inFlight }) => inFlight === 0);
    client.reset();
  });

  test('or falls silent, too', async () => {
    const proxy = await pair({ timeouts: { clientBodyMs: 200 } });
    const client = await uploading(proxy, { length: 100 * megabyte });
    await client.send('first');
    await hungUp(await proxy.upstream.connection(0));
    expect(await hungUp(client)).not.toBe('none');
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted' });
  });

  test('but one that is held back for a slow upstream is not silent', async () => {
    const proxy = await pair({ timeouts: { clientBodyMs: 200 } });
    const client = await uploading(proxy, { length: 100 * megabyte });
    const connection = await proxy.upstream.connection(0);
    connection.pause();
    for (let n = 0; n < 20; n += 1) client.socket.write(Buffer.alloc(megabyte));
    await standstill(client);
    await sleep(600);
    expect(client.socket.readableEnded || client.socket.destroyed).toBe(false);
    client.reset();
    connection.resume();
    await hungUp(connection);
  });
});

describe('the limit of the first byte', () => {
  test('begins with the last piece of an upload', async () => {
    const proxy = await pair({ timeouts: { firstByteMs: 400 } });
    const client = await uploading(proxy, { length: 20_000 });
    const started = performance.now();
    for (let n = 0; n < 8; n += 1) {
      await client.send(Buffer.alloc(2500));
      await sleep(100);
    }
    expect((await client.message()).startLine).toContain('504');
    expect(performance.now() - started).toBeGreaterThan(1000);
  });
});

describe('an upload over its limit', () => {
  test.each([
    ['/v1/messages/batches', 256],
    ['/v1/files', 512],
  ])('to %s: above %i MiB a 413 before anything is read or sent', async (path, mebibytes) => {
    const proxy = await pair();
    const client = await uploading(proxy, { length: mebibytes * megabyte + 1 }, path);
    const answer = await client.message();
    expect([answer.startLine, answer.header('x-ccr-error')]).toEqual([
      expect.stringContaining('413'),
      'body_too_large',
    ]);
    expect(String(answer.body)).toContain(`${mebibytes} MiB`);
    expect(await hungUp(client)).not.toBe('none');
    expect(proxy.upstream.connections).toHaveLength(0);
    const allowed = await uploading(proxy, { length: mebibytes * megabyte }, path);
    await allowed.send('x');
    await proxy.upstream.connection(0);
    allowed.reset();
  });

  // Without memory for replay a message is an upload, too, with the limit of the settings.
  const limits = inRun<[path: string, mebibytes: number][]>(
    [['/v1/messages', 2]],
    [
      ['/v1/messages', 32],
      ['/v1/messages/batches', 256],
      ['/v1/files', 512],
    ],
  );
  test.each(limits)(
    'to %s, in chunks: a 413 after %i MiB, and the upstream learns that it is not whole',
    { timeout: 120_000 },
    async (path, mebibytes) => {
      const upstream = ending(
        await startRawUpstream(({ socket }) => {
          // Counted by nobody, kept by nobody.
          socket.removeAllListeners('data');
          socket.resume();
        }),
      );
      const accounts = [{ name: 'work', url: upstream.url }];
      const proxy = await startProxy(accounts, {
        config: { bodyLimitMiB: inRun(2, 32) },
        replayBytes: 100_000,
      });
      const client = await uploading(proxy, 'chunked', path);
      const answer = client.message(100_000);
      const before = process.memoryUsage().rss;
      const sent = await pour(client, chunk(Buffer.alloc(megabyte)), () => client.received().length > 0);
      expect((await answer).startLine).toContain('413');
      expect(sent).toBeGreaterThan(mebibytes * megabyte);
      expect(sent).toBeLessThan((mebibytes + 16) * megabyte);
      expect(process.memoryUsage().rss - before).toBeLessThan(48 * megabyte);
      await hungUp(await upstream.connection(0));
      expect(await proxy.row()).toMatchObject({ status: 413, outcome: 'rejected', attempts: [] });
      client.reset();
    },
  );
});

describe('when the memory for replay is used up', () => {
  const spent = async (config: TestConfig = {}) => {
    const upstream = ending(await startRawUpstream());
    const accounts = ['a', 'b'].map((name) => ({ name, url: upstream.url }));
    const proxy = await startProxy(accounts, { config, replayBytes: 150_000 });
    const first = await connectRaw(proxy.port);
    await first.send(askBytes(proxy, { body: Buffer.alloc(140_000, 0x20) }));
    const held = await upstream.connection(0);
    expect((await held.message()).body).toHaveLength(140_000);
    return { ...proxy, upstream, first, held };
  };
  const message = randomBytes(300_000);

  test('a request is sent as it comes, once, byte for byte', async () => {
    const proxy = await spent();
    const client = await uploading(proxy, { length: message.length }, '/v1/messages');
    await client.send(message.subarray(0, 100_000));
    const connection = await proxy.upstream.connection(1);
    await connection.until((bytes) => bytes.length > 100_000);
    await client.send(message.subarray(100_000));
    expect(hash((await connection.message()).body)).toBe(hash(message));
    await connection.send(answerBytes(529, {}, '{"type":"error"}'));
    expect((await client.message()).startLine).toContain('529');
    expect(proxy.upstream.connections).toHaveLength(2);
    expect(await proxy.row()).toMatchObject({ attempts: [{ status: 529 }], mayHaveRunTwice: false });
    client.reset();
    proxy.first.reset();
  });

  test('a small one still has its second try while it fits', async () => {
    const proxy = await spent();
    const answer = ask(proxy);
    const connection = await proxy.upstream.connection(1);
    for (const each of [answerBytes(529, {}, '{}'), ok]) {
      await connection.message();
      await connection.send(each);
    }
    expect((await answer).status).toBe(200);
    proxy.first.reset();
  });

  test.each(['answered', 'left'] as const)('it comes back when a request has ended (%s)', async (how) => {
    const proxy = await spent();
    if (how === 'left') proxy.first.reset();
    else await proxy.held.send(ok);
    await proxy.row();
    const client = await uploading(proxy, { length: 149_000 }, '/v1/messages');
    await client.send(Buffer.alloc(149_000, 0x20));
    const connection = how === 'left' ? await proxy.upstream.connection(1) : proxy.held;
    for (const each of [answerBytes(500, {}, '{}'), ok]) {
      expect((await connection.message()).body).toHaveLength(149_000);
      await connection.send(each);
    }
    expect((await client.message()).startLine).toContain('200');
    client.reset();
    proxy.first.reset();
  });
});
