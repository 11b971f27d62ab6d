import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { quietPort } from '../kit/quiet-port.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { Departure } from '../../source/proxy/departure.ts';
import { attempt, type AttemptInput, type AttemptResult } from '../../source/proxy/attempt.ts';
import { createConnectionPool } from '../../source/proxy/connection-pool.ts';
import { targetOf } from '../../source/proxy/target.ts';
import type { OutgoingRequest } from '../../source/proxy/upstream-connection.ts';
import { startUpstream } from '../benchmark/targets.ts';
import {
  answerAll,
  answerBytes,
  ask as askProxy,
  askBytes,
  endAll,
  ending,
  hungUp,
  startPair,
  startProxy,
} from './start-proxy.ts';
import { lateness } from '../kit/lateness.ts';
import { runningTime } from '../kit/running-time.ts';
import { connectRaw } from '../kit/raw-client.ts';

afterEach(endAll);

const raw = async (
  script?: (connection: RawConnection, index: number) => Promise<void>,
): Promise<RawUpstream> => ending(await startRawUpstream(script));

const bodyOf = (...parts: string[]): OutgoingRequest['body'] => ({
  chunks: parts.map((part) => Buffer.from(part)),
  length: parts.join('').length,
});

type Changes = Partial<Omit<AttemptInput, 'request'> & OutgoingRequest>;

const input = (url: string, changes: Changes = {}): AttemptInput => {
  const { method, path, headers, body = bodyOf('{}'), ...others } = changes;
  const target = targetOf(url);
  return {
    connections: createConnectionPool(),
    target,
    request: {
      method: method ?? 'POST',
      path: target.prefix + (path ?? '/v1/messages?beta=true'),
      headers: headers ?? ['Host', new URL(url).host, 'Content-Length', String(body.length)],
      body,
    },
    connectMs: 5000,
    firstByteMs: 5000,
    client: new Departure(),
    fresh: false,
    ...others,
  };
};

/** Reads the answer to its end, so that its connection is free again. */
const emptied = (result: AttemptResult): Promise<string> =>
  new Promise((resolve) => {
    if (result.kind !== 'response') return resolve(result.kind);
    const parts: Buffer[] = [];
    result.response.read({
      data: (bytes) => parts.push(bytes),
      end: () => resolve(Buffer.concat(parts).toString()),
      cut: () => resolve('cut'),
    });
  });

const ok = answerBytes(200, { 'x-one': 'two' }, 'yes');
const failed = { kind: 'failed', reason: 'unreachable', stale: false };

describe('one try', () => {
  test('sends method, path, headers and body as given, and resolves with the head', async () => {
    const upstream = await raw(answerAll(ok));
    const body = bodyOf('{"a":', '1', '}');
    const headers = ['Host', 'api.example', 'X-Odd-Case', 'a', 'X-Odd-Case', 'b', 'Content-Length', '7'];
    const result = await attempt(input(`${upstream.url}/base/path/`, { body, headers }));
    expect(result).toMatchObject({
      kind: 'response',
      response: { status: 200, headers: { 'x-one': 'two' } },
    });
    expect(await emptied(result)).toBe('yes');
    const sent = upstream.connections[0]?.received().toString();
    expect(sent).toBe(
      'POST /base/path/v1/messages?beta=true HTTP/1.1\r\nHost: api.example\r\nX-Odd-Case: a\r\nX-Odd-Case: b\r\n' +
        'Content-Length: 7\r\n\r\n{"a":1}',
    );
  });

  test('the same body can be sent again, byte for byte', async () => {
    const upstream = await raw(answerAll(ok));
    const bytes = randomBytes(3_000_000);
    const chunks = [bytes.subarray(0, 1), bytes.subarray(1, 100_000), bytes.subarray(100_000)];
    const same = input(upstream.url, { body: { chunks, length: bytes.length } });
    await emptied(await attempt(same));
    await emptied(await attempt(same));
    const received = upstream.connections[0]!.received();
    const hash = (part: Buffer): string => createHash('sha256').update(part).digest('hex');
    const starts = [received.indexOf('\r\n\r\n') + 4, received.lastIndexOf('\r\n\r\n') + 4];
    expect(starts.map((start) => hash(received.subarray(start, start + bytes.length)))).toEqual([
      hash(bytes),
      hash(bytes),
    ]);
  });

  test('a GET has no body and no length', async () => {
    const upstream = await raw(answerAll(ok));
    const headers = ['Host', 'x'];
    await emptied(await attempt(input(upstream.url, { method: 'GET', body: bodyOf(), headers })));
    expect(upstream.connections[0]?.received().toString()).not.toMatch(/content-length|transfer-encoding/i);
  });

  test('uses one connection for one request after the other', async () => {
    const upstream = await raw(answerAll(ok));
    const connections = createConnectionPool();
    for (let n = 0; n < 10; n += 1) await emptied(await attempt(input(upstream.url, { connections })));
    expect(upstream.connections).toHaveLength(1);
  });

  test('informational answers are passed over', async () => {
    const early =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
    const upstream = await raw(answerAll(Buffer.concat([Buffer.from(early), ok])));
    expect(await attempt(input(upstream.url))).toMatchObject({ response: { status: 200 } });
  });
});

describe('no answer', () => {
  test('when nothing listens: nothing was sent', async () => {
    const url = `http://127.0.0.1:${await quietPort()}`;
    expect(await attempt(input(url))).toEqual({ ...failed, sent: false });
  });

  test('when a header cannot be sent: nothing was sent', async () => {
    const upstream = await raw(answerAll(ok));
    const headers = ['Host', 'x', 'x-api-key', 'two\nlines'];
    expect(await attempt(input(upstream.url, { headers }))).toEqual({ ...failed, sent: false });
    expect(upstream.connections).toHaveLength(0);
  });

  const ends: readonly (readonly [string, (connection: RawConnection) => void])[] = [
    ['RST', (connection) => connection.reset()],
    ['FIN', (connection) => connection.end()],
    ['garbage', (connection) => void connection.send('\u0016\u0003 nothing like HTTP\r\n\r\n')],
    ['half a head and FIN', (connection) => void connection.send('HTTP/1.1 200').then(connection.end)],
    [
      'two lengths',
      (c) => void c.send('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
    ],
    [
      'length and chunks',
      (c) => void c.send('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'),
    ],
    [
      'a tunnel nobody asked for',
      (c) => void c.send('HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ],
  ];
  test.each(ends)('%s before the head', async (_, act) => {
    const upstream = await raw(async (connection) => {
      await connection.message();
      act(connection);
    });
    expect(await attempt(input(upstream.url))).toEqual({ ...failed, sent: true });
    await hungUp(upstream.connections[0]!);
  });

  test('within the first-byte limit, and the connection is closed', async () => {
    const upstream = await raw();
    const started = performance.now();
    const elapsed = runningTime();
    const result = await attempt(input(upstream.url, { firstByteMs: 200 }));
    expect(result).toEqual({ kind: 'failed', reason: 'timeout', stale: false, sent: true });
    expect(performance.now() - started).toBeGreaterThan(190);
    expect(elapsed()).toBeLessThan(500);
    await hungUp(upstream.connections[0]!);
  });

  test('within a tenth of the first-byte limit, also when the head drips in', async () => {
    const limit = 1000;
    const upstream = await raw(async (connection) => {
      await connection.message();
      let sent = 0;
      const timer = setInterval(() => void connection.send('HTTP/1.1 200 OK\r\nx: '.charAt(sent++)), 30);
      connection.socket.once('close', () => clearInterval(timer));
    });
    const silent = await raw();
    const late = [upstream, silent].map(({ url }) =>
      lateness(limit, async (begin) => {
        begin();
        const result = await attempt(input(url, { firstByteMs: limit }));
        expect(result).toEqual({ kind: 'failed', reason: 'timeout', stale: false, sent: true });
      }),
    );
    for (const ms of await Promise.all(late)) expect(Math.abs(ms)).toBeLessThan(limit / 10);
  });

  test('within the connect limit, which counts TLS', async () => {
    const upstream = await raw();
    const elapsed = runningTime();
    const url = upstream.url.replace('http:', 'https:');
    const result = await attempt(input(url, { connectMs: 200 }));
    expect(result).toEqual({ kind: 'failed', reason: 'timeout', stale: false, sent: false });
    expect(elapsed()).toBeLessThan(500);
    // A hello, and not one byte of the request.
    expect(upstream.connections[0]?.received().toString('latin1')).not.toContain('/v1/messages');
  });

  test('a provider that speaks no TLS gets nothing', async () => {
    const upstream = await raw(async (connection) => {
      await connection.until((bytes) => bytes.length > 0);
      await connection.send('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const url = upstream.url.replace('http:', 'https:');
    expect(await attempt(input(url))).toEqual({ ...failed, sent: false });
    expect(upstream.connections[0]?.received().toString('latin1')).not.toContain('/v1/messages');
  });
});

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

describe('a provider whose process does nothing any more, while its kernel still takes all', () => {
  const stopped = async () => {
    const gone = await startUpstream();
    ending({
      async close() {
        process.kill(gone.pid, 'SIGKILL');
        await gone.stop();
      },
    });
    const there = await raw(answerAll(ok));
    const proxy = await startProxy(
      [
        { name: 'gone', url: `http://127.0.0.1:${gone.port}` },
        { name: 'there', url: there.url },
      ],
      { config: { strategy: 'spread', timeouts: { firstByteMs: 1000 } } },
    );
    return { gone, proxy };
  };

  test('costs its own request the first-byte limit, and the others nothing', async () => {
    const { gone, proxy } = await stopped();
    const now = runningTime();
    const timed = async (): Promise<number> => {
      const started = now();
      expect((await askProxy(proxy)).status).toBe(200);
      return now() - started;
    };
    const before: number[] = [];
    for (let n = 0; n < 30; n += 1) before.push(await timed());
    process.kill(gone.pid, 'SIGSTOP');
    // One of two at once comes to the one that is gone, on a connection that was good a moment ago.
    const both = [timed(), timed()];
    const waiting = new Set(both);
    for (const each of both) void each.then(() => waiting.delete(each));
    await Promise.race(both);
    const meanwhile: number[] = [];
    while (waiting.size > 0) meanwhile.push(await timed());
    expect(meanwhile.length).toBeGreaterThan(5);
    expect(median(meanwhile)).toBeLessThan(median(before) + 20);
    expect(Math.max(...(await Promise.all(both)))).toBeLessThan(1500);
    // Of so many requests at once the rows are told for certain, not each step.
    const { request } = await proxy.awaitEvent(
      'requestFinished',
      ({ request }) => request.attempts.length > 1,
    );
    const [failure] = request.attempts;
    expect(failure).toMatchObject({ account: 'gone', verdict: 'unreachable', status: null });
    expect(failure?.ms).toBeGreaterThanOrEqual(1000);
    // Later ones do not try it as long as it rests.
    expect(await timed()).toBeLessThan(400);
  });
});

describe('a pooled connection that died', () => {
  /** Answers once on each connection, and closes it when the next request comes. */
  const dying = () =>
    raw(async (connection) => {
      await connection.message();
      await connection.send(ok);
      await connection.message(60_000).catch(() => undefined);
      connection.reset();
    });

  test('is told apart, and a new one works', async () => {
    const upstream = await dying();
    const connections = createConnectionPool();
    await emptied(await attempt(input(upstream.url, { connections })));
    const second = await attempt(input(upstream.url, { connections }));
    expect(second).toEqual({ ...failed, stale: true, sent: true });
    const third = await attempt(input(upstream.url, { connections, fresh: true }));
    expect(await emptied(third)).toBe('yes');
    expect(upstream.connections).toHaveLength(2);
  });

  test('a slow answer on a pooled connection is no dead connection', async () => {
    const upstream = await raw(async (connection) => {
      await connection.message();
      await connection.send(ok);
    });
    const connections = createConnectionPool();
    await emptied(await attempt(input(upstream.url, { connections })));
    const second = await attempt(input(upstream.url, { connections, firstByteMs: 100 }));
    expect(second).toEqual({ kind: 'failed', reason: 'timeout', stale: false, sent: true });
  });
});

describe('a client that has gone', () => {
  test('while it waits: the connection is closed', async () => {
    const upstream = await raw();
    const client = new Departure();
    const result = attempt(input(upstream.url, { client }));
    const connection = await upstream.connection(0);
    await connection.message();
    client.leave();
    expect(await result).toEqual({ kind: 'aborted' });
    await hungUp(connection);
  });

  test('before it began: no request arrives', async () => {
    const upstream = await raw();
    const client = new Departure();
    client.leave();
    expect(await attempt(input(upstream.url, { client }))).toEqual({ kind: 'aborted' });
    expect(upstream.connections.map((connection) => connection.received().length)).toEqual([]);
  });
});

test('through the proxy, a client that keeps its connection uses one upstream connection', async () => {
  const pair = await startPair({ work: { kind: 'none' } });
  const client = await connectRaw(pair.port);
  for (let n = 0; n < 50; n += 1) {
    await client.send(askBytes(pair));
    expect((await client.message()).complete).toBe(true);
  }
  expect(pair.upstream.connections()).toBe(1);
  client.reset();
});
