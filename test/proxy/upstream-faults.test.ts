import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createConnectionPool } from '../../source/proxy/connection-pool.ts';
import { targetOf } from '../../source/proxy/target.ts';
import { inRun } from '../kit/long-run.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import type { Refusal } from '../kit/refusing-upstream.ts';
import {
  answerBytes,
  ask,
  askBytes,
  endAll,
  ending,
  headerOf,
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
    ...[0, 100_000, 3_000_000].flatMap((after) => [
      { after, how: 'close' as const },
      { after, how: 'reset' as const },
    ]),
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
    for (let n = 0; n < inRun(12, 300); n += 1) expect(await send()).toBe(`413 ${body}`);
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
  test.each(odd)('%s: each of 100 next answers is right', async (_, bytes, status) => {
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
    for (let pair = 0; pair < 100; pair += 1) {
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
