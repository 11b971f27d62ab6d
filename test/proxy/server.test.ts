import { afterEach, describe, expect, test } from 'vitest';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { Secret } from '../../source/shared/secret.ts';
import {
  answerAll,
  answerBytes,
  ask,
  askBytes,
  endAll,
  ending,
  headerOf,
  hungUp,
  jsonOf,
  question,
  record,
  startPair,
  startProxy,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

/** A proxy in front of an upstream whose connections can be counted: none may come. */
const guarded = async (config = {}): Promise<TestProxy & { upstream: RawUpstream }> => {
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
  return { ...(await startProxy([{ name: 'work', url: upstream.url }], { config })), upstream };
};

const routes = [
  { method: 'POST', path: '/v1/messages' },
  { method: 'GET', path: '/v1/models' },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/readyz' },
  { method: 'GET', path: '/' },
  { method: 'HEAD', path: '/' },
  { method: 'GET', path: '/nothing/here' },
  { method: 'POST', path: '/v1/chat/completions' },
  { method: 'PUT', path: '/v1/messages' },
  { method: 'OPTIONS', path: '/v1/messages' },
  { method: 'DELETE', path: '/v1/files/x' },
  { method: 'GET', path: '/metrics' },
  { method: 'HEAD', path: '/v1/models' },
  { method: 'HEAD', path: '/nothing/here' },
  { method: 'OPTIONS', path: '/' },
];

describe('the gate stands before every route', () => {
  const hostile = (port: number): string[][] => [
    ['evil.example'],
    [`evil.example:${port}`],
    [`localhost.evil.example:${port}`],
    [`127.0.0.1.nip.io:${port}`],
    [`127.0.0.1@evil.example:${port}`],
    [`user@127.0.0.1:${port}`],
    [`localhost.:${port}`],
    [`127.0.0.1:${port + 1}`],
    ['127.0.0.1'],
    [`[::ffff:127.0.0.1]:${port}`],
    [`0.0.0.0:${port}`],
    [`2130706433:${port}`],
    [],
    [`127.0.0.1:${port}`, `evil.example`],
  ];

  test.each(Array.from({ length: 14 }, (_, n) => n))(
    'hostile Host %i gets nothing on any route',
    async (n) => {
      const proxy = await guarded();
      const hosts = hostile(proxy.port)[n] ?? [];
      const verdicts = new Set<string>();
      for (const { method, path } of routes) {
        const lines = hosts.map((host) => `Host: ${host}\r\n`).join('');
        const length = method === 'POST' ? 'Content-Length: 2\r\n\r\n{}' : '\r\n';
        const answer = await exchange(proxy.port, `${method} ${path} HTTP/1.1\r\n${lines}${length}`);
        const why = headerOf(answer, 'x-ccr-error') ?? 'parser';
        verdicts.add(`${answer.status} ${why}`);
      }
      // One without a Host never leaves the parser.
      const expected = ['421 host_refused', '400 parser', '400 bad_request'][Math.max(0, n - 11)];
      expect([...verdicts]).toEqual([expected]);
      expect(proxy.upstream.connections).toHaveLength(0);
      expect(proxy.eventsOf('requestStarted')).toHaveLength(0);
      expect(proxy.eventsOf('requestFinished')).toHaveLength(0);
    },
  );

  const crossSite: readonly (readonly [what: string, headers: Record<string, string>])[] = [
    ['fetch of a page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['page of an old browser', { origin: 'http://evil.example' }],
    ['sandboxed frame', { origin: 'null' }],
    ['simple POST', { origin: 'http://evil.example', 'content-type': 'text/plain' }],
    ['form', { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' }],
    ['no-cors GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' }],
    ['navigation', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['page of another local server', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }],
    ['no-cors from another local server', { 'sec-fetch-site': 'same-site' }],
    ['page under our own name', { origin: 'http://127.0.0.1', 'sec-fetch-site': 'cross-site' }],
    [
      'image of a browser whose site was taken away',
      { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' },
    ],
    ['frame without a site', { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }],
    ['browser SDK', { origin: 'null', 'anthropic-dangerous-direct-browser-access': 'true' }],
    ['our own origin', { origin: 'SELF', 'sec-fetch-site': 'cross-site' }],
  ];

  test.each(crossSite)('%s: 403 on every route', async (_, headers) => {
    const proxy = await guarded();
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('SELF', `https://${proxy.host}`)]),
    );
    for (const { method, path } of routes) {
      const answer = await ask(proxy, { method, path, headers: sent });
      expect([answer.status, headerOf(answer, 'x-ccr-error')], `${method} ${path}`).toEqual([
        403,
        'origin_refused',
      ]);
      expect(answer.response?.headers.filter(([name]) => /^access-control/i.test(name))).toEqual([]);
    }
    expect(proxy.upstream.connections).toHaveLength(0);
  });

  test('a preflight is told nothing', async () => {
    const proxy = await guarded();
    const headers = { 'access-control-request-method': 'POST' };
    for (const more of [{}, { origin: 'http://evil.example' }]) {
      const answer = await ask(proxy, { method: 'OPTIONS', headers: { ...headers, ...more } });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.response?.headers.filter(([name]) => /^access-control/i.test(name))).toEqual([]);
    }
  });

  test('what a program of this machine sends passes, and what the user allowed', async () => {
    const proxy = await guarded({
      allowedHosts: ['box.lan', 'named.lan:99'],
      allowedOrigins: ['https://mine.example'],
    });
    const { port, host } = proxy;
    const statusFor = async (name: string): Promise<number | null> =>
      (await ask(proxy, { headers: { host: name } })).status;
    const ours = [`localhost:${port}`, `LOCALHOST:${port}`, host, `[::1]:${port}`, 'box.lan', 'box.lan:7'];
    expect(await Promise.all(ours.map(statusFor))).toEqual(ours.map(() => 200));
    const others = ['named.lan', 'named.lan:98', 'box.lan.evil'];
    expect(await Promise.all(others.map(statusFor))).toEqual(others.map(() => 421));
    // Node's fetch says `sec-fetch-mode: cors` and no site; a person types an address.
    const good = [
      { 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      { origin: 'https://mine.example', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of good) expect((await ask(proxy, { headers })).status).toBe(200);
  });

  test('refusals make a log line a second and no row', async () => {
    const proxy = await guarded();
    const started = performance.now();
    for (let n = 0; n < 20; n += 1) await ask(proxy, { headers: { host: 'evil.example' } });
    const told = () => [...JSON.stringify(proxy.events).matchAll(/refused (\d+) [^"]*host_refused/g)];
    await proxy.awaitEvent('logged', () => told().reduce((sum, [, n]) => sum + Number(n), 0) === 20);
    expect(told().length).toBeLessThanOrEqual(1 + (performance.now() - started) / 1000);
    expect(proxy.eventsOf('requestStarted')).toHaveLength(0);
  });

  test('on one connection each request is judged alone', async () => {
    const proxy = await guarded();
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, { method: 'GET', path: '/healthz' }));
    expect((await client.message()).startLine).toContain('200');
    await client.send(`GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n`);
    expect((await client.message()).startLine).toContain('421');
    expect(await hungUp(client)).toBe('end');
  });
});

describe('our own routes', () => {
  test('answer without names or secrets, and never reach upstream', async () => {
    const proxy = await guarded();
    const healthy = await ask(proxy, { method: 'GET', path: '/healthz' });
    expect([healthy.status, jsonOf(healthy)]).toEqual([200, { status: 'ok' }]);
    const ready = await ask(proxy, { method: 'GET', path: '/readyz' });
    expect(ready.status).toBe(200);
    expect(String(ready.response?.body)).not.toContain('work');
    const root = await ask(proxy, { method: 'GET', path: '/' });
    expect([root.status, root.response?.body.length]).toEqual([200, 0]);
    expect((await ask(proxy, { method: 'GET', path: '/healthz?x=1' })).status).toBe(200);
    expect(proxy.upstream.connections).toHaveLength(0);
    expect(proxy.eventsOf('requestStarted')).toHaveLength(0);
  });

  test('readiness says no without an account that can serve', async () => {
    const proxy = await startProxy([]);
    expect((await ask(proxy, { method: 'GET', path: '/readyz' })).status).toBe(503);
    expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
    const paused = await startProxy([{ name: 'a', url: 'http://127.0.0.1:1', paused: true }]);
    expect((await ask(paused, { method: 'GET', path: '/readyz' })).status).toBe(503);
  });

  const strange: readonly (readonly [method: string, target: string])[] = [
    ['GET', 'http://evil.example/v1/models'],
    ['GET', '//evil.example/v1/models'],
    ['GET', '@evil.example/v1/models'],
    ['GET', '*'],
    ['OPTIONS', '*'],
    ['GET', '/v1/../admin'],
    ['GET', '/v1/..'],
    ['GET', '/v1/./models'],
    ['GET', '/v1/%2e%2e/admin'],
    ['GET', '/v1/%2E%2E%2Fadmin'],
    ['GET', '/v1/a%2fb'],
    ['GET', '/v1/a%5cb'],
    ['GET', '/v1/a\\..\\b'],
    ['GET', '/v1/%0d%0aHost:%20evil'],
    ['GET', '/v1/@evil.example'],
    ['GET', '/v1//evil.example/x'],
    ['GET', '/V1/messages'],
    ['GET', '/v2/messages'],
    ['GET', '/v1'],
    ['GET', '/api/oauth/usage'],
    ['TRACE', '/v1/messages'],
    ['PATCH', '/v1/messages'],
    ['GET', '/v1/messages'],
  ];
  test.each(strange)('%s %s never leaves', async (method, target) => {
    const proxy = await guarded();
    const answer = await exchange(proxy.port, `${method} ${target} HTTP/1.1\r\nHost: ${proxy.host}\r\n\r\n`);
    expect([400, 404, 405, 421]).toContain(answer.status);
    expect(proxy.upstream.connections).toHaveLength(0);
  });

  test('HEAD has no body on any route, errors included', async () => {
    const proxy = await guarded();
    const client = await connectRaw(proxy.port);
    for (const path of [
      '/',
      '/healthz',
      '/readyz',
      '/nothing',
      '/v1/messages',
      '/v1/../x',
      '/v1/chat/completions',
    ]) {
      await client.send(`HEAD ${path} HTTP/1.1\r\nHost: ${proxy.host}\r\n\r\n`);
    }
    const received = await client.until((bytes) => bytes.toString().split('HTTP/1.1 ').length === 8);
    expect(received.toString()).not.toContain('{');
    client.reset();
  });

  test('an unknown path is a 404 in the form its caller reads', async () => {
    const proxy = await guarded();
    const anthropic = await ask(proxy, { method: 'GET', path: '/nothing' });
    expect([anthropic.status, headerOf(anthropic, 'x-ccr-error')]).toEqual([404, 'not_found']);
    expect(jsonOf(anthropic)).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    const openai = await ask(proxy, { path: '/v1/chat/completions' });
    expect(openai.status).toBe(404);
    for (const answer of [anthropic, openai]) expect(headerOf(answer, 'x-ccr-request-id')).toBeUndefined();
    expect(proxy.eventsOf('requestFinished')).toEqual([]);
    expect(jsonOf(openai)).toMatchObject({ error: { code: 'not_found', message: expect.any(String) } });
  });
});

describe('nothing that arrives ends the process', () => {
  const works = async (proxy: TestProxy): Promise<void> => {
    expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
  };

  const garbage = [
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    'hello\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    'POST /v1/messages HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
    'POST /v1/messages HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n',
    'POST /v1/messages HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET /v1/models HTTP/1.1\r\nHost: HOST\r\nX: a\u0000b\r\n\r\n',
    `GET /v1/models HTTP/1.1\r\nHost: HOST\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    'GET /healthz HTTP/1.1\r\nHost: HOST\r\nExpect: banana\r\n\r\n',
  ];
  test.each(garbage.map((bytes) => [JSON.stringify(bytes.slice(0, 60)), bytes]))('%s', async (_, bytes) => {
    const proxy = await guarded();
    const { status, end } = await exchange(
      proxy.port,
      Buffer.from(bytes.replace('HOST', proxy.host), 'latin1'),
    );
    // Refused in words, or closed without any.
    expect(status === null ? ['end', 'reset'].includes(end) : status >= 400).toBe(true);
    expect(proxy.upstream.connections).toHaveLength(0);
    await works(proxy);
  });

  test.each(['websocket', 'h2c'])(
    'an Upgrade to %s is ignored or refused, and never sent on',
    async (protocol) => {
      const proxy = await guarded();
      const answer = await ask(proxy, {
        method: 'GET',
        path: '/v1/models',
        headers: { connection: 'Upgrade', upgrade: protocol, 'sec-websocket-version': '13' },
      });
      expect(answer.status).not.toBe(101);
      for (const connection of proxy.upstream.connections) {
        expect(connection.received().toString()).not.toMatch(/upgrade/i);
      }
      await works(proxy);
    },
  );

  test('a reset at any moment', async () => {
    const pair = await startPair();
    const whole = askBytes(pair, { body: JSON.stringify({ ...question, stream: true }) });
    for (let length = 0; length <= whole.length; length += 13) {
      const client = await connectRaw(pair.port);
      await client.send(whole.subarray(0, length));
      client.reset();
      await client.closed;
    }
    await works(pair);
    expect((await ask(pair)).status).toBe(200);
    await pair.account('work', ({ inFlight }) => inFlight === 0);
  });

  test('a client that never finishes its headers is closed', async () => {
    const proxy = await guarded({ timeouts: { clientHeadersMs: 1000 } });
    const client = await connectRaw(proxy.port);
    await client.send('GET /healthz HTTP/1.1\r\nX: ');
    expect(await hungUp(client)).toBe('end');
    await works(proxy);
  });

  test('a client that stops in its body is closed, with a row', async () => {
    const proxy = await guarded({ timeouts: { clientBodyMs: 100 } });
    const client = await connectRaw(proxy.port);
    await client.send(`POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nContent-Length: 9\r\n\r\n{`);
    expect(await hungUp(client)).not.toBe('none');
    expect(await proxy.row()).toMatchObject({ outcome: 'aborted', status: null, attempts: [] });
    expect(proxy.upstream.connections).toHaveLength(0);
  });

  test('an error inside costs its own request only', async () => {
    class Broken extends Secret {
      #looks = 0;
      // The pool looks at an entry once, to see where it may go.
      override reveal(): string {
        this.#looks += 1;
        if (this.#looks === 1) return 'whole';
        throw new Error('broken inside');
      }
    }
    let secret: Secret = new Broken('');
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
    const proxy = await startProxy([{ name: 'work', url: upstream.url }], {
      keeper: { get: async () => secret },
    });
    for (let n = 0; n < 100; n += 1) {
      const answer = await ask(proxy);
      expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([500, 'internal_error']);
    }
    await works(proxy);
    expect(await proxy.row(99)).toMatchObject({ status: 500, outcome: 'rejected', error: 'internal_error' });
    await proxy.account('work', ({ inFlight }) => inFlight === 0);
    expect(proxy.eventsOf('logged').some(({ text }) => text.includes('broken inside'))).toBe(true);
    expect(upstream.connections).toHaveLength(0);
    secret = new Secret('whole');
    proxy.proxy.setAccounts([]);
    proxy.proxy.setAccounts([record({ name: 'work', url: upstream.url })]);
    expect((await ask(proxy)).status).toBe(200);
  });

  test('two requests at once on one connection are answered in order', async () => {
    const pair = await startPair({ work: { kind: 'none' } });
    pair.upstream.fail({ fault: 'slow', times: 1, pauseMs: 30 });
    const client = await connectRaw(pair.port);
    await client.send(
      Buffer.concat([
        askBytes(pair, { body: JSON.stringify({ ...question, model: 'claude-first' }) }),
        askBytes(pair, { body: JSON.stringify({ ...question, model: 'claude-second' }) }),
      ]),
    );
    expect(String((await client.message()).body)).toContain('claude-first');
    expect(String((await client.message()).body)).toContain('claude-second');
    client.reset();
  });

  test('a connection that leaves with two requests under way releases both', async () => {
    const pair = await startPair({ work: { kind: 'none' } });
    pair.upstream.fail({ fault: 'stall-mid-body' });
    const client = await connectRaw(pair.port);
    await client.send(Buffer.concat([askBytes(pair), askBytes(pair)]));
    await pair.upstream.awaitRequest(({ seq }) => seq === 2);
    client.reset();
    await pair.upstream.awaitClose(({ seq }) => seq === 1);
    await pair.upstream.awaitClose(({ seq }) => seq === 2);
    await pair.account('work', ({ inFlight, requests }) => inFlight === 0 && requests === 2);
    expect(pair.upstream.requests.map(({ end }) => end)).toEqual(['client-left', 'client-left']);
  });
});
