import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../kit/fake-clock.ts';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { inRun } from '../kit/long-run.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { Secret } from '../../source/shared/secret.ts';
import {
  accountId,
  answerAll,
  answerBytes,
  ask,
  askBytes,
  askStream,
  endAll,
  ending,
  question,
  startPair,
  startProxy,
} from './start-proxy.ts';

afterEach(endAll);

const answering = async (bytes: Uint8Array = answerBytes(200, {}, '{}')): Promise<RawUpstream> =>
  ending(await startRawUpstream(answerAll(bytes)));

const headOf = (upstream: RawUpstream, index = 0): string =>
  upstream.connections[index]?.received().toString('latin1').split('\r\n\r\n')[0] ?? '';

describe('what of the client reaches the upstream', () => {
  test('nothing of its credentials, its place or its connection; the credential of the account', async () => {
    const upstream = await answering();
    const proxy = await startProxy([{ name: 'work', url: upstream.url, key: 'sk-own' }]);
    const marker = 'client-marker';
    const lines = [
      `Host: ${proxy.host}`,
      `Authorization: Bearer ${marker}-1`,
      `x-api-key: ${marker}-2`,
      `Cookie: session=${marker}-3`,
      `Proxy-Authorization: Basic ${marker}-4`,
      `Forwarded: for=${marker}-5`,
      `X-Forwarded-For: ${marker}-6`,
      `X-Real-IP: ${marker}-7`,
      `Via: 1.1 ${marker}-8`,
      'x-ccr-account: work',
      `X-Listed: ${marker}-10`,
      'Connection: keep-alive, X-Listed',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Trailer: x',
      'Sec-Fetch-Mode: cors',
      'Accept-Encoding: gzip, br',
      'Content-Length: 2',
    ];
    await exchange(proxy.port, `POST /v1/messages HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n{}`);
    const received = upstream.connections[0]?.received().toString('latin1') ?? '';
    expect(received).not.toContain(marker);
    expect(received).not.toMatch(
      /^(connection: .*listed|keep-alive|te|trailer|via|cookie|forwarded|x-forwarded|sec-fetch|x-ccr)/im,
    );
    expect(received).toMatch(/^x-api-key: sk-own\r$/m);
    expect(received).toMatch(/^Accept-Encoding: identity\r$/m);
    expect(received).toMatch(new RegExp(`^Host: 127.0.0.1:${upstream.port}\\r$`, 'm'));
    expect(received).toMatch(/^Content-Length: 2\r$/m);
  });

  test('everything else, with spelling, order and repetition', async () => {
    const upstream = await answering();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const own = [
      'Anthropic-Version: 2023-06-01',
      'anthropic-beta: one',
      'X-ODD-case:   spaced   ',
      'anthropic-beta: two',
      'User-Agent: claude-cli/2.1.330 (external, cli)',
      'X-Stainless-Timeout: 600',
      'x-claude-code-session-id: 5f1e',
      'anthropic-dangerous-direct-browser-access: true',
    ];
    await exchange(
      proxy.port,
      `POST /v1/messages?beta=true HTTP/1.1\r\nHost: ${proxy.host}\r\n${own.join('\r\n')}\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const head = headOf(upstream);
    expect(head).toMatch(/^POST \/v1\/messages\?beta=true HTTP\/1\.1\r\n/);
    const kept = head
      .split('\r\n')
      .filter((line) => /^(anthropic|x-odd|user-agent|x-stainless|x-claude)/i.test(line));
    expect(kept).toEqual(own.map((line) => line.replace(/: +/, ': ').trim()));
  });

  test('an account of a compatible provider shows its key as a bearer, under its own path', async () => {
    const upstream = await answering();
    const url = `${upstream.url}/api/anthropic`;
    const proxy = await startProxy([{ name: 'other', url, key: 'their-key', kind: 'compatible' }]);
    await ask(proxy, { headers: { 'x-api-key': 'client' } });
    expect(headOf(upstream)).toMatch(/^POST \/api\/anthropic\/v1\/messages HTTP/);
    expect(headOf(upstream)).toMatch(/\r\nauthorization: Bearer their-key/i);
    expect(headOf(upstream)).not.toMatch(/x-api-key/i);
  });

  test('after a failover, the credential and the host of the second account alone', async () => {
    const first = await answering(answerBytes(529, {}, '{}'));
    const second = await answering();
    const proxy = await startProxy([
      { name: 'a', url: first.url, key: 'key-of-a', priority: 1 },
      { name: 'b', url: second.url, key: 'key-of-b', priority: 2 },
    ]);
    await ask(proxy);
    expect(headOf(first)).toContain('key-of-a');
    expect(headOf(second)).toContain('key-of-b');
    expect(headOf(second)).not.toContain('key-of-a');
    expect(headOf(second)).toContain(`Host: 127.0.0.1:${second.port}`);
  });

  test('on other routes the encodings that the client takes', async () => {
    const upstream = await answering();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    await ask(proxy, { method: 'GET', path: '/v1/models?limit=1000', headers: { 'accept-encoding': 'br' } });
    expect(headOf(upstream)).toMatch(/accept-encoding: br/i);
    expect(headOf(upstream)).not.toMatch(/content-length|identity/i);
  });

  test('the body, byte for byte, again and again, whatever made it go twice', async () => {
    const faults = [
      'unavailable',
      'overloaded',
      'bare-429',
      'unauthorized',
      'reset-before-head',
      'garbage',
    ] as const;
    const clock = createFakeClock();
    const accounts = { a: { kind: 'none' }, b: { kind: 'none' }, c: { kind: 'none' } } as const;
    const pair = await startPair(accounts, { clock });
    for (let n = 0; n < 100; n += 1) {
      // Each time there is a new budget for repeats.
      clock.advance(10_000);
      const body = randomBytes(1 + n * inRun(1500, 10_000));
      pair.upstream.fail({ fault: faults[n % faults.length] ?? 'unavailable', times: 1 });
      await ask(pair, { body });
      const hashes = pair.upstream.requests.slice(-2).map(({ bodySha256 }) => bodySha256);
      expect(hashes).toEqual(
        Array.from({ length: 2 }, () => createHash('sha256').update(body).digest('hex')),
      );
      // Both accounts that failed are fresh again.
      pair.proxy.setAccounts([]);
      pair.proxy.setAccounts(pair.records);
    }
  });
});

describe('what an answer teaches', () => {
  const limits = (used: string): Record<string, string> => ({
    'anthropic-ratelimit-unified-5h-status': 'allowed',
    'anthropic-ratelimit-unified-5h-utilization': used,
    'anthropic-ratelimit-unified-5h-reset': String(Math.ceil(Date.now() / 1000) + 3600),
    'anthropic-ratelimit-unified-9d_new-utilization': '0.25',
    'anthropic-ratelimit-requests-limit': '1000',
    'anthropic-ratelimit-requests-remaining': '250',
    'anthropic-ratelimit-requests-reset': '2099-01-01T00:00:00Z',
  });

  test('every window, known or new, is told and stands in the account', async () => {
    const upstream = await answering(answerBytes(200, limits('0.42'), '{}'));
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    await ask(proxy);
    const seen = await proxy.awaitEvent('limitsSeen');
    expect(seen).toMatchObject({ account: 'id-work' });
    expect(seen.windows).toMatchObject([
      { id: '5h', utilization: 0.42, status: 'allowed', source: 'header', scope: null },
      { id: '9d_new', utilization: 0.25, status: null },
      { id: 'requests', utilization: 0.75 },
    ]);
    await proxy.account('work', ({ windows }) => windows.length === 3);
  });

  test('a spent window lets the account rest until its reset, without another try', async () => {
    const pair = await startPair({ work: { kind: 'unified', used: { '5h': 1 } } });
    await ask(pair);
    const [window] = pair.upstream.truth()['work']!.windows;
    await pair.account('work', ({ state, availableAt, reason }) => {
      const near = Math.abs((availableAt ?? 0) - window!.resetsAt) <= 1000;
      return state === 'limited' && near && reason === 'reached its 5h limit';
    });
    await ask(pair);
    expect(pair.upstream.requests).toHaveLength(1);
  });

  test('a refusal without limit data concerns its model alone', async () => {
    const pair = await startPair({ work: { kind: 'none' } });
    pair.upstream.fail({ fault: 'bare-429', times: 1 });
    expect((await ask(pair)).status).toBe(429);
    const other = JSON.stringify({ ...question, model: 'claude-sonnet-5-5' });
    expect((await ask(pair, { body: other })).status).toBe(200);
  });

  test('a refused key puts the account in error', async () => {
    const pair = await startPair();
    pair.upstream.fail({ fault: 'unauthorized' });
    await ask(pair);
    await pair.account('work', ({ state, reason }) => state === 'error' && /401/.test(reason ?? ''));
    expect((await ask(pair, { method: 'GET', path: '/readyz' })).status).toBe(503);
  });

  test('the time of each attempt and the tokens of the answer stand in the row', async () => {
    const pair = await startPair({ a: { kind: 'none' }, b: { kind: 'none' } });
    pair.upstream.fail({ fault: 'overloaded', times: 1 });
    await askStream(pair, {
      'user-agent': 'claude-cli/2.1.330 (external, cli)',
      'x-claude-code-session-id': 's-1',
    });
    const row = await pair.row();
    const { usage } = pair.upstream.truth()[row.account!]!;
    expect(row.tokens).toMatchObject({ input: usage.input, output: usage.output });
    expect(row).toMatchObject({
      method: 'POST',
      path: '/v1/messages',
      client: 'default',
      clientAddress: '127.0.0.1',
      agent: 'claude-code',
      session: 's-1',
      model: question.model,
      upstreamModel: question.model,
      status: 200,
      outcome: 'ok',
      stream: true,
      waitMs: 0,
      stopReason: 'end_turn',
      mayHaveRunTwice: false,
      error: null,
      decision: { strategy: 'sticky', affinity: 'new' },
    });
    expect(row.upstreamRequestId).toMatch(/^req_/);
    expect(row.decision?.considered.map(({ verdict }) => verdict.split(' ')[0]).sort()).toEqual([
      'benched',
      'chosen',
    ]);
    expect(row.attempts).toHaveLength(2);
    expect(row.firstByteMs).toBeLessThanOrEqual(row.totalMs);
    expect(row.attempts.reduce((sum, { ms }) => sum + ms, 0)).toBeLessThanOrEqual(row.totalMs + 2);
  });
});

describe('an idle connection that the upstream closes', () => {
  test('is invisible to the client: once more on a new one, marked', async () => {
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(answerBytes(200, {}, '{}'));
        // Takes the next request and dies of it.
        await connection.until((bytes) => bytes.length > 600, 60_000).catch(() => undefined);
        connection.reset();
      }),
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    expect((await ask(proxy)).status).toBe(200);
    const large = await ask(proxy, { body: JSON.stringify({ ...question, pad: 'x'.repeat(1000) }) });
    expect(large.status).toBe(200);
    expect(upstream.connections).toHaveLength(2);
    expect(await proxy.row(1)).toMatchObject({
      mayHaveRunTwice: true,
      outcome: 'ok',
      attempts: [{ status: 200 }],
    });
    expect((await proxy.row(0)).mayHaveRunTwice).toBe(false);
  });

  test('and so do all the others in the pool: one new connection answers', async () => {
    const both = Promise.withResolvers<void>();
    const upstream = ending(
      await startRawUpstream(async (connection, index) => {
        await connection.message();
        if (index === 1) both.resolve();
        if (index < 2) await both.promise;
        await connection.send(answerBytes(200, {}, '{}'));
        await connection.message(60_000).catch(() => undefined);
        connection.reset();
      }),
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    await Promise.all([ask(proxy), ask(proxy)]);
    expect((await ask(proxy)).status).toBe(200);
    expect(upstream.connections).toHaveLength(3);
  });

  test('at random moments costs no request', async () => {
    const random = seededRandom(3);
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        let idle: NodeJS.Timeout | null = null;
        let closed = false;
        connection.socket.on('data', () => {
          if (idle) clearTimeout(idle);
          if (closed) connection.reset();
        });
        while (await connection.message(60_000).catch(() => null)) {
          await connection.send(answerBytes(200, {}, '{}'));
          idle = setTimeout(() => {
            closed = true;
            connection.end();
          }, random() * 6);
        }
      }),
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const client = await connectRaw(proxy.port);
    for (let n = 0; n < inRun(300, 1000); n += 1) {
      if (n % 3 === 0) await sleep(n % 7);
      await client.send(askBytes(proxy));
      expect((await client.message()).startLine).toContain(' 200 ');
    }
    client.reset();
    expect(upstream.connections.length).toBeGreaterThan(5);
  });

  test('a batch is not sent twice', async () => {
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(answerBytes(200, {}, '{}'));
        await connection.until('batches', 60_000).catch(() => undefined);
        connection.reset();
      }),
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    await ask(proxy);
    expect((await ask(proxy, { path: '/v1/messages/batches', body: '{}' })).status).toBe(502);
    expect(upstream.connections).toHaveLength(1);
    expect((await proxy.row(1)).mayHaveRunTwice).toBe(false);
  });
});

describe('a secret', () => {
  test('a stored secret that cannot be a header serves nobody and harms nobody', async () => {
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
    const proxy = await startProxy([
      { name: 'cut', url: upstream.url, key: 'key\nwith a line end', priority: 1 },
      { name: 'whole', url: upstream.url, priority: 2 },
    ]);
    expect((await ask(proxy)).status).toBe(200);
    expect(await proxy.row()).toMatchObject({ account: 'whole', attempts: [{ account: 'cut' }, {}] });
  });

  test('that is waited for between two attempts is not used for a client that leaves meanwhile', async () => {
    const late = Promise.withResolvers<Secret>();
    const failing = ending(await startRawUpstream(answerAll(answerBytes(529, {}, '{}'))));
    const second = await answering();
    const asked = Promise.withResolvers<void>();
    const proxy = await startProxy(
      [
        { name: 'first', url: failing.url, priority: 1 },
        { name: 'second', url: second.url, priority: 2 },
      ],
      {
        keeper: {
          get(id) {
            if (id === accountId('first')) return Promise.resolve(new Secret('key'));
            asked.resolve();
            return late.promise;
          },
        },
      },
    );
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy));
    await asked.promise;
    await proxy.account('second', ({ inFlight }) => inFlight === 1);
    client.reset();
    await client.closed;
    await ask(proxy, { method: 'GET', path: '/healthz' });
    late.resolve(new Secret('key'));
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted', attempts: [{ account: 'first' }] });
    expect(second.connections).toHaveLength(0);
    await proxy.account('second', ({ inFlight }) => inFlight === 0);
  });

  test('that comes late is not used for a client that has gone', async () => {
    const late = Promise.withResolvers<Secret>();
    const upstream = await answering();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }], {
      keeper: { get: () => late.promise },
    });
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy));
    await proxy.account('work', ({ inFlight }) => inFlight === 1);
    client.reset();
    await client.closed;
    // The proxy has seen the reset when it answers somebody who came later.
    await ask(proxy, { method: 'GET', path: '/healthz' });
    late.resolve(new Secret('key'));
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted', attempts: [] });
    await proxy.account('work', ({ inFlight }) => inFlight === 0);
    expect(upstream.connections.map((connection) => connection.received().length)).toEqual([]);
  });
});
