import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createConnectionPool } from '../../source/proxy/connection-pool.ts';
import { targetOf } from '../../source/proxy/target.ts';
import { inRun } from '../kit/long-run.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import type { Refusal } from '../kit/refusing-upstream.ts';
import { runningTime } from '../kit/running-time.ts';
import {
  answerAll,
  answerBytes,
  ask,
  askBytes,
  endAll,
  ending,
  headerOf,
  hungUp,
  question,
  startProxy,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const body = '{"type":"error","error":{"type":"request_too_large","message":"too large"}}';
const tooLarge = answerBytes(
  413,
  { 'content-type': 'application/json', connection: 'close' },
  body,
).toString();

const startRefusing = async (refusal: Omit<Refusal, 'bytes'>): Promise<string> => {
  const workerData: Refusal = { ...refusal, bytes: tooLarge };
  const worker = new Worker(new URL('../kit/refusing-upstream.ts', import.meta.url), { workerData });
  onTestFinished(() => void worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  return `http://127.0.0.1:${port}`;
};

describe('an answer that comes while 16 MB are on their way reaches the client', () => {
  const refusals = [
    // A reset that comes before we know that the connection stands is a connection that failed.
    { after: -1, how: 'close' as const },
    { after: 0, how: 'close' as const },
    { after: 0, how: 'reset' as const },
    { after: 100_000, how: 'close' as const },
    { after: 3_000_000, how: 'reset' as const },
  ];
  test.each(refusals)('after $after bytes, then $how', async (refusal) => {
    const url = await startRefusing(refusal);
    const chunks = Array.from({ length: 256 }, () => Buffer.alloc(65_536, 0x61));
    const length = 256 * 65_536;
    const pool = createConnectionPool();
    const send = (): Promise<string> =>
      new Promise((resolve) => {
        const headers = ['Host', 'x', 'Content-Length', String(length)];
        const request = { method: 'POST', path: '/', headers, body: { chunks, length } };
        pool.take(targetOf(url), false).ask(request, {
          sent: () => undefined,
          answered(response) {
            let text = '';
            response.read({
              data: (bytes) => (text += bytes.toString()),
              end: () => resolve(`${response.status} ${text}`),
              cut: () => resolve('cut'),
            });
          },
          lost: () => resolve('lost'),
        });
      });
    for (let n = 0; n < inRun(5, 300); n += 1) expect(await send()).toBe(`413 ${body}`);
  });

  test('as it is, once, and as an error of the provider', async () => {
    const url = await startRefusing({ after: 0, how: 'reset' });
    const proxy = await startProxy(['a', 'b'].map((name) => ({ name, url })));
    const answer = await ask(proxy, { body: Buffer.alloc(16_000_000, 0x61) });
    expect([answer.status, String(answer.response?.body)]).toEqual([413, body]);
    expect(await proxy.row()).toMatchObject({ outcome: 'error', attempts: [{ status: 413 }] });
  });
});

/** A proxy in front of an upstream that answers the n-th request (from 0) with those bytes, whatever the connection. */
const inFrontOfAnswers = async (answerOf: (n: number) => string | Uint8Array): Promise<TestProxy> => {
  let count = 0;
  const upstream = ending(
    await startRawUpstream(async (connection) => {
      while (await connection.message(60_000).catch(() => null)) {
        count += 1;
        await connection.send(answerOf(count - 1));
      }
    }),
  );
  return startProxy([{ name: 'work', url: upstream.url }]);
};

describe('an answer without a body', () => {
  const bodyless = [204, 304].flatMap((status) => [
    [status, 'with a length', `HTTP/1.1 ${status} X\r\nContent-Length: 40\r\nX-One: a\r\n\r\n`],
    [status, 'with a body', `HTTP/1.1 ${status} X\r\nContent-Length: 4\r\nX-One: a\r\n\r\nevil`],
    [status, 'in chunks', `HTTP/1.1 ${status} X\r\nTransfer-Encoding: chunked\r\nX-One: a\r\n\r\n0\r\n\r\n`],
    [status, 'as it should be', `HTTP/1.1 ${status} X\r\nX-One: a\r\n\r\n`],
  ]) as [number, string, string][];
  test.each(bodyless)('(%i %s) has neither body nor length for the client', async (status, _, bytes) => {
    const proxy = await inFrontOfAnswers((n) => (n === 0 ? bytes : answerBytes(200, {}, '{"next":1}')));
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, { method: 'GET', path: '/v1/models' }));
    const first = await client.until('\r\n\r\n');
    expect(first.toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\nX-One: a\r\n`, 's'));
    expect(first.toString()).not.toMatch(/content-length|transfer-encoding/i);
    await client.message();
    await client.send(askBytes(proxy));
    const next = await client.message();
    expect([next.startLine, String(next.body)]).toEqual(['HTTP/1.1 200 OK', '{"next":1}']);
    expect(client.received().toString()).not.toContain('evil');
    expect(await proxy.row()).toMatchObject({ outcome: 'ok', status });
    client.reset();
  });
});

describe('what stands behind an answer, or makes its end unclear, never stands for the next one', () => {
  const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
  const odd: readonly (readonly [what: string, bytes: string, status: number])[] = [
    ['a 204 with a body', `HTTP/1.1 204 X\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`, 204],
    ['a 304 with a body', `HTTP/1.1 304 X\r\n\r\n${evil}`, 304],
    [
      'a length and chunks',
      `HTTP/1.1 200 OK\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`,
      502,
    ],
    ['two lengths', `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 47\r\n\r\n{}${evil}`, 502],
    ['more than its length', `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}${evil}`, 200],
    [
      'more than its chunks',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${evil}`,
      200,
    ],
  ];
  test.each(odd)('%s: the next answer is right, every time', async (_, bytes, status) => {
    const proxy = await inFrontOfAnswers((n) => {
      // What cannot be understood is asked for again of nobody: there is one account. Pairs stay pairs.
      return n % 2 === 0 ? bytes : answerBytes(200, {}, `{"n":${n}}`);
    });
    const client = await connectRaw(proxy.port);
    const get = { method: 'GET', path: '/v1/models' };
    const next = async (): Promise<[status: number, body: string]> => {
      await client.send(askBytes(proxy, get));
      const message = await client.message();
      return [Number(message.startLine.split(' ')[1]), String(message.body)];
    };
    for (let pair = 0; pair < inRun(15, 100); pair += 1) {
      expect((await next())[0]).toBe(status);
      expect(await next()).toEqual([200, `{"n":${pair * 2 + 1}}`]);
    }
    expect(client.received().toString()).not.toContain('evil');
    client.reset();
  });
});

describe('a redirect', () => {
  test.each([301, 302, 307, 308])(
    '%i to another host is passed on, and nobody goes there',
    async (status) => {
      const elsewhere = ending(await startRawUpstream());
      const location = `${elsewhere.url}/v1/messages`;
      const proxy = await inFrontOfAnswers(() => answerBytes(status, { location }, ''));
      const answer = await ask(proxy, { body: JSON.stringify(question) });
      expect([answer.status, headerOf(answer, 'location')]).toEqual([status, location]);
      expect(await proxy.row()).toMatchObject({ status, attempts: [{ status }] });
      expect(elsewhere.connections).toEqual([]);
    },
  );
});

describe('a success that is none', () => {
  const page = '<html><form action="/login">';
  const html = answerBytes(200, { 'content-type': 'text/HTML; charset=utf-8' }, page);
  const json = { 'content-type': 'application/json' };

  test('a web page is no answer: another account is asked', async () => {
    const portal = ending(await startRawUpstream(answerAll(html)));
    const there = ending(await startRawUpstream(answerAll(answerBytes(200, json, '{"model":"m"}'))));
    const proxy = await startProxy([
      { name: 'portal', url: portal.url, priority: 1 },
      { name: 'there', url: there.url, priority: 2 },
    ]);
    const answer = await ask(proxy);
    expect([answer.status, String(answer.response?.body)]).toEqual([200, '{"model":"m"}']);
    expect((await proxy.row()).attempts).toMatchObject([
      { account: 'portal', verdict: 'unreachable' },
      { account: 'there', verdict: 'forwarded' },
    ]);
  });

  test('a web page alone is a provider out of reach; elsewhere than on messages it may be a file', async () => {
    const proxy = await inFrontOfAnswers(() => html);
    const answer = await ask(proxy);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([502, 'upstream_unreachable']);
    expect(answer.bytes.toString()).not.toContain('login');
    const file = await ask(proxy, { method: 'GET', path: '/v1/files/file_1/content' });
    expect([file.status, String(file.response?.body)]).toEqual([200, page]);
    expect((await proxy.row(1)).outcome).toBe('ok');
  });

  const error = '{"type":"error","error":{"type":"overloaded_error","message":"x"}}';
  test.each([
    ['an error as JSON', json, error],
    [
      'an error as the first event',
      { 'content-type': 'text/event-stream' },
      `event: error\ndata: ${error}\n\n`,
    ],
  ])('%s passes as it is, and its row is a failure', async (_, headers, body) => {
    const proxy = await inFrontOfAnswers(() => answerBytes(200, headers, body));
    const answer = await ask(proxy);
    expect([answer.status, String(answer.response?.body)]).toEqual([200, body]);
    // Once more in its place, as it is an overload and nobody else is there.
    const attempts = [{ verdict: 'overloaded' }, { verdict: 'overloaded' }];
    expect(await proxy.row()).toMatchObject({ outcome: 'error', error: 'overloaded_error', attempts });
  });
});

test('after its first byte no request is repeated, however its answer fails', async () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';
  const start = 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n';
  const piece = `${start.length.toString(16)}\r\n${start}\r\n`;
  const ways: readonly (readonly [sent: string, how: 'end' | 'reset'])[] = [
    [`${head}Transfer-Encoding: chunked\r\n\r\n${piece}`, 'reset'],
    [`${head}Transfer-Encoding: chunked\r\n\r\n${piece}`, 'end'],
    [`${head}Transfer-Encoding: chunked\r\n\r\n${piece.slice(0, 9)}`, 'reset'],
    [`${head}Transfer-Encoding: chunked\r\n\r\n${piece}xx`, 'end'],
    // Without this word the connection would serve again until its end is known.
    [`${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${piece}0\r\n\r\n`, 'end'],
    [`${head}Content-Length: 500\r\n\r\n${start}`, 'reset'],
    [`${head}\r\n${start}`, 'end'],
  ];
  let asked = 0;
  const upstream = ending(
    await startRawUpstream(async (connection) => {
      while (await connection.message(60_000).catch(() => null)) {
        const [sent, how] = ways[asked % ways.length]!;
        asked += 1;
        await connection.send(sent);
        connection[how]();
      }
    }),
  );
  const proxy = await startProxy(['a', 'b', 'c'].map((name) => ({ name, url: upstream.url })));
  const count = inRun(70, 500);
  const client = async (): Promise<void> => {
    for (let n = 0; n < count / 10; n += 1) {
      const { status, response } = await ask(proxy);
      expect([status, response?.complete ?? false]).toEqual([200, false]);
    }
  };
  await Promise.all(Array.from({ length: 10 }, client));
  await proxy.row(count - 1);
  expect(asked).toBe(count);
  const rows = proxy.eventsOf('requestFinished').map(({ request }) => request);
  expect(new Set(rows.map((row) => `${row.outcome} ${row.attempts.length} ${row.mayHaveRunTwice}`))).toEqual(
    new Set(['truncated 1 false']),
  );
});

describe('a client that leaves is gone for the provider within 250 ms', () => {
  const ways = ['end', 'reset'] as const;
  const silent = async (): Promise<RawUpstream> => ending(await startRawUpstream());
  /** From when the client left until the provider's side of that connection is closed. */
  const toldWithin = async (connection: RawConnection, client: RawConnection, way: (typeof ways)[number]) => {
    const elapsed = runningTime();
    client[way]();
    connection.resume();
    await hungUp(connection);
    return elapsed();
  };

  test.each(ways)('during its own upload (%s): nothing goes to the provider', async (way) => {
    const upstream = await silent();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const client = await connectRaw(proxy.port);
    const bytes = askBytes(proxy, { body: Buffer.alloc(1_000_000, 0x61) });
    await client.send(bytes.subarray(0, 500_000));
    client[way]();
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted', attempts: [], account: null });
    expect(upstream.connections).toEqual([]);
    client.reset();
  });

  test.each(ways)('during our upload (%s)', async (way) => {
    const upstream = ending(await startRawUpstream((connection) => connection.pause()));
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, { body: Buffer.alloc(8_000_000, 0x61) }));
    const connection = await upstream.connection(0);
    expect(await toldWithin(connection, client, way)).toBeLessThan(250);
    expect(connection.received().length).toBeLessThan(8_000_000);
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted', status: null });
    await proxy.account('work', ({ inFlight }) => inFlight === 0);
    client.reset();
  });

  test.each(ways)('while we connect (%s)', async (way) => {
    const upstream = await silent();
    const proxy = await startProxy([{ name: 'work', url: upstream.url.replace('http:', 'https:') }]);
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy));
    const connection = await upstream.connection(0);
    await connection.until((bytes) => bytes.length > 0);
    expect(await toldWithin(connection, client, way)).toBeLessThan(250);
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted', status: null });
    await proxy.account('work', ({ inFlight }) => inFlight === 0);
    client.reset();
  });

  test.each(ways)('during the second attempt (%s): there is no third', async (way) => {
    const busy = ending(await startRawUpstream(answerAll(answerBytes(529, {}, '{}'))));
    const [second, third] = [await silent(), await silent()];
    const proxy = await startProxy([
      { name: 'busy', url: busy.url, priority: 1 },
      { name: 'second', url: second.url, priority: 2 },
      { name: 'third', url: third.url, priority: 3 },
    ]);
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy));
    const connection = await second.connection(0);
    await connection.message();
    expect(await toldWithin(connection, client, way)).toBeLessThan(250);
    expect((await proxy.row()).outcome).toBe('aborted');
    expect([second.connections.length, third.connections.length]).toEqual([1, 0]);
    await proxy.account('second', ({ inFlight }) => inFlight === 0);
    client.reset();
  });
});
