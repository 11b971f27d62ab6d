import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../kit/fake-clock.ts';
import { quietPort } from '../kit/quiet-port.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { runningTime } from '../kit/running-time.ts';
import { startUpstream } from '../../source/demo/upstream.ts';
import {
  answerAll,
  answerBytes,
  ask,
  askBytes,
  askStream,
  endAll,
  ending,
  headerOf,
  jsonOf,
  question,
  startPair,
  startProxy,
} from './start-proxy.ts';

afterEach(endAll);

const answering = async (bytes: string | Uint8Array): Promise<RawUpstream> =>
  ending(await startRawUpstream(answerAll(bytes)));

const names = (headers: readonly (readonly [string, string])[]): string[] =>
  headers.map(([name]) => name.toLowerCase());

describe('the headers of the answer', () => {
  test('pass with spelling, order and repetition; ours are added', async () => {
    const own = [
      'Content-Type: application/json',
      'request-id: req_1',
      'X-ODD-case: a',
      'anthropic-organization-id: org',
      'X-ODD-case: b',
      'Date: Sun, 22 Nov 2026 03:00:00 GMT',
      'retry-after: 7',
      'x-should-retry: true',
      'anthropic-ratelimit-unified-5h-status: allowed_warning',
      'Content-Length: 2',
    ];
    const upstream = await answering(`HTTP/1.1 200 OK\r\n${own.join('\r\n')}\r\n\r\n{}`);
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const answer = await ask(proxy);
    const row = await proxy.row();
    const lines = (answer.response?.headers ?? []).map(([name, value]) => `${name}: ${value}`);
    expect(lines.slice(0, own.length)).toEqual(own);
    expect(headerOf(answer, 'x-ccr-request-id')).toBe(row.id);
    expect(headerOf(answer, 'x-ccr-attempts')).toBe('1');
    expect(headerOf(answer, 'x-ccr-account')).toBe('work');
    expect(row.upstreamRequestId).toBe('req_1');
  });

  test('those of one connection, cookies and a foreign x-ccr never cross', async () => {
    const hidden = [
      'Set-Cookie: a=marker',
      'Proxy-Authenticate: Basic realm=marker',
      'Proxy-Connection: marker',
      'Trailer: marker',
      'Upgrade: marker',
      'TE: marker',
      'X-Listed: marker',
      'Connection: keep-alive, X-Listed',
      'Keep-Alive: timeout=1, max=marker',
      'x-ccr-account: marker',
      'x-ccr-error: marker',
    ];
    const upstream = await answering(
      `HTTP/1.1 200 OK\r\n${hidden.join('\r\n')}\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const answer = await ask(proxy);
    expect(answer.bytes.toString('latin1')).not.toContain('marker');
    expect(names(answer.response?.headers ?? []).filter((name) => name === 'x-ccr-account')).toHaveLength(1);
  });

  test('bytes that a terminal would obey become harmless, and the process lives', async () => {
    const upstream = await answering(
      Buffer.from(
        'HTTP/1.1 200 \x1b[31mRED\x9b\r\nX-A: a\x9b31mb\xff\r\nContent-Length: 2\r\n\r\n{}',
        'latin1',
      ),
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const answer = await ask(proxy);
    expect(answer.status).toBe(200);
    expect(answer.bytes.toString('latin1').split('\r\n\r\n')[0]).not.toMatch(
      /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/,
    );
    expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
  });

  test.each(['099', '000', '999'])(
    'a status that is none (%s) is no answer for the client',
    async (status) => {
      const upstream = await answering(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\n{}`);
      const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
      const answer = await ask(proxy);
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect((await proxy.row()).outcome).not.toBe('ok');
      await proxy.account('work', ({ inFlight }) => inFlight === 0);
    },
  );
});

describe('when every account is limited', () => {
  const limited = async (minutes: readonly number[]) => {
    const clock = createFakeClock();
    const accounts = minutes.map((_, n) => ({ name: `a${n}`, key: `key-a${n}` }));
    const upstream = ending(
      await startUpstream({
        accounts: accounts.map((account, n) => ({
          ...account,
          limits: { kind: 'unified', used: { '5h': 1 }, lengthMs: { '5h': minutes[n]! * 60_000 } },
        })),
        clock,
      }),
    );
    const proxy = await startProxy(
      accounts.map(({ name }) => ({ name, url: upstream.url })),
      { clock },
    );
    return { clock, upstream, proxy };
  };

  test('429 with the body of the last upstream, unmodified, and the earliest reset of all', async () => {
    const { clock, upstream, proxy } = await limited([30, 10, 20]);
    const answer = await ask(proxy);
    expect(answer.status).toBe(429);
    expect(upstream.requests).toHaveLength(3);
    expect(jsonOf(answer)).toMatchObject({
      type: 'error',
      error: { type: 'rate_limit_error', message: expect.stringContaining("your account's rate limit") },
      request_id: headerOf(answer, 'request-id'),
    });
    expect(headerOf(answer, 'retry-after')).toBe('600');
    expect(headerOf(answer, 'anthropic-ratelimit-unified-status')).toBe('rejected');
    expect(headerOf(answer, 'anthropic-ratelimit-unified-reset')).toBe(
      String((clock.now() + 600_000) / 1000),
    );
    expect(headerOf(answer, 'x-should-retry')).toBe('false');
    expect(names(answer.response?.headers ?? []).filter((name) => name === 'retry-after')).toHaveLength(1);
    expect(await proxy.row()).toMatchObject({ status: 429, outcome: 'error' });
  });

  test('nothing more goes upstream until then; our own words say the same', async () => {
    const { clock, upstream, proxy } = await limited([30, 10, 20]);
    await ask(proxy);
    clock.advance(570_000);
    const answer = await ask(proxy);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([429, 'all_limited']);
    expect(jsonOf(answer)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    expect(headerOf(answer, 'retry-after')).toBe('30');
    // Short enough for a client to wait.
    expect(headerOf(answer, 'x-should-retry')).toBeUndefined();
    expect(headerOf(answer, 'x-ccr-request-id')).toBe((await proxy.row(1)).id);
    expect(await proxy.row(1)).toMatchObject({
      status: 429,
      outcome: 'rejected',
      error: 'all_limited',
      attempts: [],
    });
    expect(upstream.requests).toHaveLength(3);
    clock.advance(30_000);
    expect((await ask(proxy)).status).toBe(200);
  });

  test('the real SDK asks once when the wait is long', async () => {
    const { upstream, proxy } = await limited([30, 10]);
    const client = new Anthropic({ baseURL: proxy.url, apiKey: 'x' });
    await expect(client.messages.create(question)).rejects.toMatchObject({ status: 429 });
    expect(upstream.requests).toHaveLength(2);
    // Rows come in their order: what the SDK asked stands before this.
    await ask(proxy, { method: 'GET', path: '/v1/models' });
    const seen = await proxy.awaitEvent('requestFinished', ({ request }) => request.method === 'GET');
    expect(proxy.eventsOf('requestFinished').indexOf(seen)).toBe(1);
  });
});

describe('when nobody can serve', () => {
  test('every account overloaded: the 529 passes with a short wait', async () => {
    const pair = await startPair({ a: { kind: 'unified' }, b: { kind: 'unified' } });
    pair.upstream.fail({ fault: 'overloaded', retryAfter: 900 });
    const answer = await ask(pair);
    expect([answer.status, headerOf(answer, 'retry-after')]).toEqual([529, '2']);
    expect(jsonOf(answer)).toMatchObject({ error: { type: 'overloaded_error', message: 'Overloaded' } });
  });

  test('no account: 503 that says what to do, and no retry', async () => {
    const proxy = await startProxy([]);
    const answer = await ask(proxy);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([503, 'no_account']);
    expect(headerOf(answer, 'x-should-retry')).toBe('false');
    expect(jsonOf(answer)).toMatchObject({
      error: { message: expect.stringContaining('ccr-tui account add') },
    });
    expect(await proxy.row()).toMatchObject({
      status: 503,
      outcome: 'rejected',
      account: null,
      attempts: [],
    });
  });

  test('all paused: 503 that names them', async () => {
    const proxy = await startProxy([{ name: 'work', url: 'http://127.0.0.1:1', paused: true }]);
    const answer = await ask(proxy);
    expect(answer.status).toBe(503);
    expect(String(answer.response?.body)).toMatch(/work paused/);
  });

  test('every key refused: 503, never the 401', async () => {
    const pair = await startPair({ a: { kind: 'unified' }, b: { kind: 'unified' } });
    pair.upstream.fail({ fault: 'unauthorized' });
    for (let n = 0; n < 3; n += 1) {
      const answer = await ask(pair);
      expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([503, 'no_account']);
    }
    expect(pair.upstream.requests).toHaveLength(2);
    expect((await pair.row()).attempts).toMatchObject([{ status: 401 }, { status: 401 }]);
  });

  test.each([1, 3, 4])('%i accounts out of reach: 502 within a second', async (count) => {
    const url = `http://127.0.0.1:${await quietPort()}`;
    const proxy = await startProxy(Array.from({ length: count }, (_, n) => ({ name: `a${n}`, url })));
    const elapsed = runningTime();
    const answer = await ask(proxy);
    expect(elapsed()).toBeLessThan(1000);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([502, 'upstream_unreachable']);
    expect(jsonOf(answer)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(await proxy.row()).toMatchObject({
      outcome: 'rejected',
      error: 'upstream_unreachable',
      status: 502,
    });
  });

  test.each([
    ['a reset', (connection: RawConnection) => connection.reset()],
    ['an end', (connection: RawConnection) => connection.end()],
    ['garbage', (connection: RawConnection) => void connection.send('\u0016\u0003 nothing\r\n\r\n')],
  ])('three accounts that answer with %s: 502 within a second', async (_, act) => {
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        act(connection);
      }),
    );
    const proxy = await startProxy(['a', 'b', 'c'].map((name) => ({ name, url: upstream.url })));
    const elapsed = runningTime();
    const answer = await ask(proxy);
    expect(elapsed()).toBeLessThan(1000);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([502, 'upstream_unreachable']);
    expect(jsonOf(answer)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect((await proxy.row()).attempts).toHaveLength(3);
  });

  test('a provider that never answers: 504', async () => {
    const silent = ending(await startRawUpstream());
    const proxy = await startProxy([{ name: 'a', url: silent.url }], {
      config: { timeouts: { firstByteMs: 150 } },
    });
    const answer = await ask(proxy);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([504, 'upstream_timeout']);
    expect(jsonOf(answer)).toMatchObject({ error: { type: 'timeout_error' } });
  });

  test('an error of the provider passes unmodified: clients match its words', async () => {
    const body =
      '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}}\n';
    const upstream = await answering(answerBytes(400, { 'content-type': 'application/json' }, body));
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const answer = await ask(proxy);
    expect([answer.status, String(answer.response?.body)]).toEqual([400, body]);
    expect(await proxy.row()).toMatchObject({
      outcome: 'error',
      error: 'invalid_request_error',
      status: 400,
    });
  });
});

describe('the events of a request', () => {
  test('come in order and agree with its row', async () => {
    const pair = await startPair(
      { a: { kind: 'unified' }, b: { kind: 'unified' } },
      {
        upstream: { pace: { pieceMs: 5 } },
      },
    );
    pair.upstream.fail({ fault: 'overloaded', times: 1 });
    await askStream(pair, { 'x-claude-code-session-id': 's' });
    const row = await pair.row();
    const mine = pair.events.filter(
      (event) => ('id' in event && event.id === row.id) || event.type === 'requestFinished',
    );
    expect(mine.map(({ type }) => type)).toEqual([
      'requestStarted',
      'accountChosen',
      'attemptFailed',
      'accountChosen',
      'responseStarted',
      'requestFinished',
    ]);
    expect(mine[0]).toMatchObject({ method: 'POST', session: 's', model: question.model, stream: true });
    expect(mine[1]).toMatchObject({ attempt: 1, accountName: row.attempts[0]?.account });
    expect(mine[2]).toMatchObject({ attempt: 1, status: 529, verdict: 'overloaded', window: null });
    expect(mine[3]).toMatchObject({ attempt: 2, accountName: row.account, decision: row.decision });
    expect(mine[4]).toMatchObject({ status: 200, accountName: row.account, firstByteMs: row.firstByteMs });
  });

  test('carry no secret, no body and no query', async () => {
    const pair = await startPair();
    await ask(pair, {
      path: '/v1/messages?token=marker-1',
      headers: { authorization: 'Bearer marker-2', 'x-api-key': 'marker-3' },
      body: JSON.stringify({ ...question, messages: [{ role: 'user', content: 'marker-4' }] }),
    });
    await pair.row();
    const told = JSON.stringify(pair.events);
    expect(told).not.toMatch(/marker-\d|key-work/);
  });
});

test('a client that hangs up on an error has got an error', async () => {
  const refuses = ending(
    await startRawUpstream(async (connection) => {
      await connection.message();
      await connection.send('HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\n{"type":');
    }),
  );
  const proxy = await startProxy([{ name: 'work', url: refuses.url }]);
  const client = await connectRaw(proxy.port);
  await client.send(askBytes(proxy));
  await client.until('{"type":');
  client.reset();
  expect(await proxy.row()).toMatchObject({ status: 403, outcome: 'error', account: 'work' });
});
