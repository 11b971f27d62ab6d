import { afterEach, describe, expect, test } from 'vitest';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { createConnectionPool, type ConnectionPool } from '../../source/proxy/connection-pool.ts';
import { targetOf } from '../../source/proxy/target.ts';
import type { OutgoingRequest, UpstreamConnection } from '../../source/proxy/upstream-connection.ts';
import { answerAll, answerBytes, endAll, ending, hungUp } from './start-proxy.ts';

afterEach(endAll);

const raw = async (
  script?: (connection: RawConnection, index: number) => Promise<void>,
): Promise<RawUpstream> => ending(await startRawUpstream(script));

const request: OutgoingRequest = {
  method: 'GET',
  path: '/',
  headers: ['Host', 'x'],
  body: { chunks: [], length: 0 },
};

/** One request on that connection; what came back. */
const ask = (connection: UpstreamConnection, outgoing = request): Promise<string> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    connection.ask(outgoing, {
      sent: () => undefined,
      answered: (response) =>
        response.read({
          data: (bytes) => parts.push(bytes),
          end: () => resolve(Buffer.concat(parts).toString()),
          cut: () => resolve('cut'),
        }),
      lost: () => resolve('lost'),
    });
  });

const ok = answerBytes(200, {}, 'yes');

/** Whether the connection of the first request carries the second one, too. */
const isKept = async (
  upstream: RawUpstream,
  pool: ConnectionPool = createConnectionPool(),
): Promise<boolean> => {
  const target = targetOf(upstream.url);
  const first = pool.take(target, false);
  expect(await ask(first)).toBe('yes');
  const second = pool.take(target, false);
  expect(await ask(second)).toBe('yes');
  return first === second;
};

describe('a connection that has answered', () => {
  test('carries the next request', async () => {
    expect(await isKept(await raw(answerAll(ok)))).toBe(true);
  });

  test('is not taken by two at a time; the one that came last goes first', async () => {
    const upstream = await raw(answerAll(ok));
    const target = targetOf(upstream.url);
    const pool = createConnectionPool();
    const [one, two, three] = [0, 1, 2].map(() => pool.take(target, false));
    await Promise.all([one, two, three].map((connection) => ask(connection!)));
    expect(upstream.connections).toHaveLength(3);
    const order = [pool.take(target, false), pool.take(target, false), pool.take(target, false)];
    expect(new Set(order)).toEqual(new Set([one, two, three]));
    expect(await ask(order[2]!)).toBe('yes');
    expect(await ask(order[0]!)).toBe('yes');
    expect(pool.take(target, false)).toBe(order[0]);
  });

  test('is left alone when a new one is asked for', async () => {
    const upstream = await raw(answerAll(ok));
    const target = targetOf(upstream.url);
    const pool = createConnectionPool();
    const first = pool.take(target, false);
    await ask(first);
    expect(pool.take(target, true)).not.toBe(first);
    expect(pool.take(target, false)).toBe(first);
  });

  test.each([
    ['after a minute', 60_000, true],
    ['no more after a rest of two minutes', 120_000, false],
    ['no more after the machine slept for eight hours', 8 * 3_600_000, false],
    ['no more when the clock was set back by two hours', -2 * 3_600_000, false],
  ])('carries the next request %s (%i ms): %s', async (_, by, carries) => {
    const upstream = await raw(answerAll(ok));
    const target = targetOf(upstream.url);
    let now = Date.now();
    const pool = createConnectionPool({ proxyTo: () => null, noWay: () => {}, now: () => now });
    const connections = [0, 1, 2].map(() => pool.take(target, false));
    await Promise.all(connections.map((connection) => ask(connection)));
    now += by;
    const next = pool.take(target, false);
    expect(connections.includes(next)).toBe(carries);
    expect(await ask(next)).toBe('yes');
    if (carries) return;
    // What is not used any more is closed, all of it.
    const ends = upstream.connections.slice(0, 3).map((connection) => hungUp(connection));
    await Promise.all(ends);
  });

  test('serves its own origin alone', async () => {
    const [here, there] = [await raw(answerAll(ok)), await raw(answerAll(ok))];
    const pool = createConnectionPool();
    await ask(pool.take(targetOf(here.url), false));
    await ask(pool.take(targetOf(there.url), false));
    expect([here.connections.length, there.connections.length]).toEqual([1, 1]);
  });

  const unfit: readonly (readonly [string, string])[] = [
    ['it says close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nyes'],
    ['it speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes'],
    ['bytes stood behind the answer', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes!'],
    [
      'another answer stood behind the answer',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyesHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    ],
    [
      'bytes stood behind the last chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\nHTTP',
    ],
    [
      'it keeps idle connections for a second',
      'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 3\r\n\r\nyes',
    ],
  ];
  test.each(unfit)('carries nothing more when %s, and is closed', async (_, bytes) => {
    const upstream = await raw(async (connection, index) => {
      await connection.message();
      await connection.send(index === 0 ? bytes : ok);
    });
    expect(await isKept(upstream)).toBe(false);
    await hungUp(upstream.connections[0]!);
  });

  test('carries nothing more when the body of a 204 would have stood for the next answer', async () => {
    const upstream = await raw(async (connection, index) => {
      await connection.message();
      await connection.send(
        index === 0 ? 'HTTP/1.1 204 No Content\r\nContent-Length: 40\r\n\r\nHTTP/1.1 200 OK\r\n\r\nevil' : ok,
      );
    });
    const pool = createConnectionPool();
    const target = targetOf(upstream.url);
    const first = pool.take(target, false);
    expect(await ask(first)).toBe('');
    const second = pool.take(target, false);
    expect(second).not.toBe(first);
    expect(await ask(second)).toBe('yes');
  });

  test('carries nothing more when the request was not taken whole', async () => {
    const upstream = await raw(async (connection) => {
      await connection.until('\r\n\r\n');
      connection.pause();
      await connection.send(ok);
    });
    const pool = createConnectionPool();
    const target = targetOf(upstream.url);
    const chunks = [Buffer.alloc(16_000_000)];
    const first = pool.take(target, false);
    const headers = ['Host', 'x', 'Content-Length', '16000000'];
    const body = { chunks, length: 16_000_000 };
    expect(await ask(first, { method: 'POST', path: '/', headers, body })).toBe('yes');
    expect(pool.take(target, false)).not.toBe(first);
  });

  test.each(['end', 'reset', 'words'] as const)(
    'carries nothing more after %s of the other side',
    async (how) => {
      const upstream = await raw(async (connection) => {
        await connection.message();
        await connection.send(ok);
      });
      const pool = createConnectionPool();
      const target = targetOf(upstream.url);
      const first = pool.take(target, false);
      expect(await ask(first)).toBe('yes');
      const [there] = upstream.connections;
      if (how === 'words') await there!.send('HTTP/1.1 200 OK\r\n\r\n');
      else there![how]();
      await hungUp(there!);
      // By the end of a round trip the news of the first connection has come, too.
      const other = pool.take(target, true);
      await ask(other);
      expect([pool.take(target, false), pool.take(target, false)]).not.toContain(first);
    },
  );
});

test('no more than 256 connections wait for an origin', async () => {
  const upstream = await raw(answerAll(ok));
  const target = targetOf(upstream.url);
  const pool = createConnectionPool();
  const taken = Array.from({ length: 270 }, () => pool.take(target, false));
  expect(await Promise.all(taken.map((each) => ask(each)))).toEqual(taken.map(() => 'yes'));
  const waiting = Array.from({ length: 270 }, () => pool.take(target, false)).filter((each) =>
    taken.includes(each),
  );
  expect(waiting).toHaveLength(256);
});

test('the oldest of more than 256 origins keeps no connection, neither one that waits nor one that answers', async () => {
  const upstream = await raw(answerAll(ok));
  const target = targetOf(upstream.url);
  const pool = createConnectionPool();
  const [waits, answers] = [pool.take(target, false), pool.take(target, false)];
  await ask(waits);
  for (let port = 1; port <= 256; port += 1) {
    pool.take(targetOf(`http://127.0.0.1:${port}`), false).destroy();
  }
  expect(await ask(answers)).toBe('yes');
  for (const connection of upstream.connections) await hungUp(connection);
  expect([waits, answers]).not.toContain(pool.take(target, false));
});
