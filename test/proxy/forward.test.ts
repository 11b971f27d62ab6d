import { afterEach, describe, expect, test } from 'vitest';
import { connectRaw } from '../kit/raw-client.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { quietPort } from '../kit/quiet-port.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { runningTime } from '../kit/running-time.ts';
import { startUpstream } from '../../source/demo/upstream.ts';
import type { FaultName } from '../../source/demo/faults.ts';
import {
  accountId,
  answerAll,
  answerBytes,
  ask,
  askBytes,
  askStream,
  endAll,
  ending,
  headerOf,
  jsonOf,
  record,
  startPair,
  startProxy,
} from './start-proxy.ts';

afterEach(endAll);

const unlimited = { kind: 'unified' } as const;
const three = { a: unlimited, b: unlimited, c: unlimited };

describe('before the first byte another account answers', () => {
  const cases: readonly { fault: FaultName; verdict: string; status: number | null }[] = [
    { fault: 'unauthorized', verdict: 'unauthorized', status: 401 },
    { fault: 'pace', verdict: 'pacing', status: 429 },
    { fault: 'bare-429', verdict: 'refused', status: 429 },
    { fault: 'overloaded', verdict: 'overloaded', status: 529 },
    { fault: 'server-error', verdict: 'failed', status: 500 },
    { fault: 'bad-gateway', verdict: 'failed', status: 502 },
    { fault: 'unavailable', verdict: 'failed', status: 503 },
    { fault: 'reset-before-head', verdict: 'unreachable', status: null },
    { fault: 'garbage', verdict: 'unreachable', status: null },
  ];

  test.each(cases)('after $fault', async ({ fault, verdict, status }) => {
    const pair = await startPair(three);
    pair.upstream.fail({ fault, times: 1 });
    const answer = await ask(pair);
    expect(answer.status).toBe(200);
    expect(headerOf(answer, 'x-ccr-attempts')).toBe('2');
    const row = await pair.row();
    expect(row.attempts).toMatchObject([
      { status, verdict, window: null },
      { status: 200, verdict: 'forwarded' },
    ]);
    expect(row.attempts[0]?.account).not.toBe(row.attempts[1]?.account);
    expect(row).toMatchObject({ outcome: 'ok', status: 200, account: row.attempts[1]?.account });
    // Tokens are those of what was served; what was tried before stands among the attempts alone.
    expect(jsonOf(answer)['usage']).toMatchObject({
      input_tokens: row.tokens.input,
      output_tokens: row.tokens.output,
    });
    expect(pair.upstream.requests).toHaveLength(2);
    expect(new Set(pair.upstream.requests.map(({ bodySha256 }) => bodySha256)).size).toBe(1);
  });

  test('the row has the limits that the answer of the account that served told of', async () => {
    const pair = await startPair({ a: { kind: 'unified', used: { '5h': 1 } }, b: unlimited });
    pair.proxy.setAccounts([recordAt('a', pair.upstream.url, 1), recordAt('b', pair.upstream.url, 2)]);
    await ask(pair);
    const { limits = [], attempts } = await pair.row();
    expect(attempts.map(({ account }) => account)).toEqual(['a', 'b']);
    const seen = pair.eventsOf('limitsSeen');
    expect(seen.map(({ account }) => account)).toEqual([accountId('a'), accountId('b')]);
    expect(limits.length).toBeGreaterThan(0);
    expect(seen[1]?.windows).toMatchObject(limits);
    expect(seen[0]?.windows).not.toMatchObject(limits);
  });

  test('after a spent window, which costs no attempt: the tenth account still answers', async () => {
    const spent = { kind: 'unified', used: { '5h': 1 } } as const;
    const names = 'abcdefghi'.split('');
    const pair = await startPair({
      ...Object.fromEntries(names.map((name) => [name, spent])),
      last: unlimited,
    });
    // Only the last of them has room, and it is chosen last.
    pair.proxy.setAccounts([
      ...names.map((name, n) => recordAt(name, pair.upstream.url, n)),
      recordAt('last', pair.upstream.url, 99),
    ]);
    const answer = await ask(pair);
    expect(answer.status).toBe(200);
    expect(headerOf(answer, 'x-ccr-attempts')).toBe('10');
    const row = await pair.row();
    expect(row.account).toBe('last');
    expect(row.attempts.slice(0, 9)).toMatchObject(
      names.map((account) => ({ account, status: 429, verdict: 'limited', window: '5h' })),
    );
  });

  test('when nothing listens, the connection ends in order, or the first byte takes too long', async () => {
    const closed = `http://127.0.0.1:${await quietPort()}`;
    const ends = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        connection.end();
      }),
    );
    const works = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(answerBytes(200, {}, '{}'));
      }),
    );
    const proxy = await startProxy([
      { name: 'refused', url: closed, priority: 1 },
      { name: 'ends', url: ends.url, priority: 2 },
      { name: 'works', url: works.url, priority: 3 },
    ]);
    expect((await ask(proxy)).status).toBe(200);
    expect((await proxy.row()).attempts).toMatchObject([
      { account: 'refused', status: null, verdict: 'unreachable' },
      { account: 'ends', status: null, verdict: 'unreachable' },
      { account: 'works', status: 200, verdict: 'forwarded' },
    ]);
  });

  test('and where one was overloaded, one that cannot be reached does not hide it: 529, not 502', async () => {
    const closed = `http://127.0.0.1:${await quietPort()}`;
    const busy = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(answerBytes(529, {}, '{}'));
      }),
    );
    const proxy = await startProxy([
      { name: 'busy', url: busy.url, priority: 1 },
      { name: 'away', url: closed, priority: 2 },
    ]);
    const answer = await ask(proxy);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([529, 'all_overloaded']);
    expect(headerOf(answer, 'retry-after')).toBe('2');
  });

  test('and a refusal whose body never ends does not keep its connection', async () => {
    const hangs = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 9\r\n\r\n{');
        connection.socket.once('end', () => connection.end());
      }),
    );
    const works = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(answerBytes(200, {}, '{}'));
      }),
    );
    const proxy = await startProxy(
      [
        { name: 'hangs', url: hangs.url, priority: 1 },
        { name: 'works', url: works.url, priority: 2 },
      ],
      { config: { timeouts: { idleMs: 100 } } },
    );
    expect((await ask(proxy)).status).toBe(200);
    await (
      await hangs.connection(0)
    ).closed;
  });

  test('at the first-byte limit, also when the head drips in', async () => {
    const drips = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        let sent = 0;
        const timer = setInterval(() => void connection.send('HTTP/1.1 200 OK\r\nx: '.charAt(sent++)), 30);
        connection.socket.once('close', () => clearInterval(timer));
      }),
    );
    const works = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(answerBytes(200, {}, '{}'));
      }),
    );
    const proxy = await startProxy(
      [
        { name: 'drips', url: drips.url, priority: 1 },
        { name: 'works', url: works.url, priority: 2 },
      ],
      { config: { timeouts: { firstByteMs: 300 } } },
    );
    const elapsed = runningTime();
    expect((await ask(proxy)).status).toBe(200);
    expect(elapsed()).toBeLessThan(600);
    const [first, second] = (await proxy.row()).attempts;
    expect(first).toMatchObject({ account: 'drips', verdict: 'unreachable' });
    expect(first?.ms).toBeGreaterThanOrEqual(295);
    expect(second).toMatchObject({ account: 'works', verdict: 'forwarded' });
    await drips.connections[0]?.closed;
  });
});

const recordAt = (name: string, url: string, priority: number) => record({ name, url, priority });

describe('the limits of trying', () => {
  test.each(['overloaded', 'server-error', 'unavailable', 'reset-before-head', 'pace'] as const)(
    'at most three costly attempts (%s)',
    async (fault) => {
      const pair = await startPair({ ...three, d: unlimited, e: unlimited });
      pair.upstream.fail({ fault });
      const answer = await ask(pair);
      expect(pair.upstream.requests).toHaveLength(3);
      expect(new Set(pair.upstream.requests.map(({ account }) => account)).size).toBe(3);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect((await pair.row()).attempts).toHaveLength(3);
    },
  );

  test.each([400, 403, 404, 413, 422])('none after %i: it is the answer', async (status) => {
    const body = `{"type":"error","error":{"type":"x","message":"as it was ${status}"}}`;
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(answerBytes(status, { 'content-type': 'application/json' }, body));
      }),
    );
    const proxy = await startProxy(['a', 'b'].map((name) => ({ name, url: upstream.url })));
    const answer = await ask(proxy);
    expect([answer.status, String(answer.response?.body)]).toEqual([status, body]);
    expect(upstream.connections).toHaveLength(1);
    expect(await proxy.row()).toMatchObject({ status, outcome: 'error', attempts: [{ status }] });
  });

  test.each(['reset-mid-body', 'end-mid-chunk', 'no-message-stop'] as const)(
    'none after the first byte (%s)',
    async (fault) => {
      const pair = await startPair(three);
      pair.upstream.fail({ fault });
      const answer = await askStream(pair);
      expect(answer.status).toBe(200);
      expect(answer.response?.complete).toBe(false);
      expect(await pair.row()).toMatchObject({ outcome: 'truncated', attempts: [{ verdict: 'forwarded' }] });
      expect(pair.upstream.requests).toHaveLength(1);
    },
  );

  test('none when the client has gone during an attempt', async () => {
    const pair = await startPair(three);
    pair.upstream.fail({ fault: 'stall-before-head' });
    const client = await connectRaw(pair.port);
    await client.send(askBytes(pair));
    await pair.upstream.awaitRequest();
    client.reset();
    expect(await pair.row()).toMatchObject({ outcome: 'aborted', status: null, attempts: [] });
    await pair.upstream.awaitClose(({ end }) => end === 'client-left');
    expect(pair.upstream.requests).toHaveLength(1);
  });

  const once: readonly { method: string; path: string; body?: string }[] = [
    { method: 'POST', path: '/v1/messages/batches', body: '{"requests":[]}' },
    { method: 'POST', path: '/v1/files', body: 'x' },
    { method: 'DELETE', path: '/v1/files/file_1' },
    { method: 'DELETE', path: '/v1/messages/batches/b_1' },
    { method: 'DELETE', path: '/v1/anything/else' },
  ];
  const failures = ['server-error', 'overloaded', 'pace', 'bare-429', 'reset-before-head'] as const;
  test.each(once.flatMap((request) => failures.map((fault) => ({ ...request, fault }))))(
    'one for $method $path ($fault)',
    async ({ fault, ...request }) => {
      const pair = await startPair(three);
      pair.upstream.fail({ fault });
      const { status } = await ask(pair, request);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(pair.upstream.requests).toHaveLength(1);
      expect(await pair.row()).toMatchObject({ mayHaveRunTwice: false, attempts: [{}] });
    },
  );

  test('one for a batch that a spent window refused', async () => {
    const spent = answerBytes(429, spentHeaders(), '{"type":"error"}');
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send(spent);
      }),
    );
    const proxy = await startProxy(['a', 'b'].map((name) => ({ name, url: upstream.url })));
    const answer = await ask(proxy, { path: '/v1/messages/batches', body: '{"requests":[]}' });
    expect([answer.status, String(answer.response?.body)]).toEqual([429, '{"type":"error"}']);
    expect(upstream.connections).toHaveLength(1);
    // Another account has room: the client may try again at once, and nothing tells it to wait for the window.
    expect(headerOf(answer, 'retry-after')).toBe('1');
    expect(headerOf(answer, 'anthropic-ratelimit-unified-status')).toBeUndefined();
  });

  test('a batch whose account has a wrong key goes to another one: a 401 is no answer', async () => {
    const pair = await startPair(three);
    pair.upstream.fail({ fault: 'unauthorized' });
    const answer = await ask(pair, { path: '/v1/messages/batches', body: '{"requests":[]}' });
    expect(answer.status).toBe(503);
    expect(pair.upstream.requests).toHaveLength(3);
  });
});

const spentHeaders = (): Record<string, string> => ({
  'anthropic-ratelimit-unified-status': 'rejected',
  'anthropic-ratelimit-unified-5h-status': 'rejected',
  'anthropic-ratelimit-unified-5h-utilization': '1.0',
  'anthropic-ratelimit-unified-5h-reset': String(Math.ceil(Date.now() / 1000) + 600),
});

describe('a request that may have run twice says so', () => {
  test.each([
    { fault: 'reset-before-head', twice: true },
    { fault: 'garbage', twice: true },
    { fault: 'overloaded', twice: false },
  ] as const)('after $fault: $twice', async ({ fault, twice }) => {
    const pair = await startPair(three);
    pair.upstream.fail({ fault, times: 1 });
    expect((await ask(pair)).status).toBe(200);
    expect((await pair.row()).mayHaveRunTwice).toBe(twice);
  });

  test('after a connection that was refused it has run once', async () => {
    const closed = `http://127.0.0.1:${await quietPort()}`;
    const pair = await startPair({ a: unlimited });
    pair.proxy.setAccounts([recordAt('closed', closed, 1), recordAt('a', pair.upstream.url, 2)]);
    expect((await ask(pair)).status).toBe(200);
    expect(await pair.row()).toMatchObject({ mayHaveRunTwice: false, account: 'a' });
  });
});

const overloadedUpstream = async () => {
  const accounts = ['a', 'b', 'c'].map((name) => ({ name, key: `key-${name}`, limits: unlimited }));
  const upstream = ending(await startUpstream({ accounts }));
  upstream.fail({ fault: 'overloaded' });
  return upstream;
};

describe('one SDK call over accounts that are all overloaded', () => {
  test('makes at most five hits upstream', async () => {
    const upstream = await overloadedUpstream();
    const clock = createFakeClock();
    const accounts = ['a', 'b', 'c'].map((name) => ({ name, url: upstream.url }));
    const proxy = await startProxy(accounts, { clock });
    // What the SDK does: three requests, two seconds apart as `retry-after` tells it.
    for (const hits of [3, 4, 5]) {
      const answer = await ask(proxy);
      expect([answer.status, headerOf(answer, 'retry-after')]).toEqual([529, '2']);
      expect(upstream.requests).toHaveLength(hits);
      clock.advance(2000);
    }
  });

  test('asks one account that rests, not all of them', async () => {
    const upstream = await overloadedUpstream();
    const accounts = ['a', 'b', 'c'].map((name) => ({ name, url: upstream.url }));
    const proxy = await startProxy(accounts, { clock: createFakeClock() });
    await ask(proxy);
    await ask(proxy);
    expect(upstream.requests).toHaveLength(4);
  });

  test('while one request probes, the others get the answer without an upstream hit', async () => {
    const clock = createFakeClock();
    const pair = await startPair({ a: unlimited }, { clock });
    const clear = pair.upstream.fail({ fault: 'overloaded' });
    // Twice: once more in its place, as nobody else is there.
    const hasPassed = pair.awaitEvent('attemptFailed').then(() => clock.advance(750));
    await Promise.all([ask(pair), hasPassed]);
    clear();
    const release = pair.upstream.fail({ fault: 'stall-before-head' });
    const probe = ask(pair);
    await pair.upstream.awaitRequest(({ seq }) => seq === 3);
    const others = await Promise.all(Array.from({ length: 10 }, () => ask(pair)));
    expect(others.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 529));
    expect(jsonOf(others[0]!)).toMatchObject({ error: { type: 'overloaded_error' } });
    expect(others.map((other) => headerOf(other, 'retry-after'))).toContain('2');
    release();
    expect((await probe).status).toBe(200);
    expect((await ask(pair)).status).toBe(200);
    expect(pair.upstream.requests).toHaveLength(4);
  });
});

describe('fifty clients over accounts that are all overloaded', () => {
  test('cost at most a fifth more hits than requests, and three', async () => {
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(529, {}, '{}'))));
    // So many that each could be asked by somebody for the first time.
    const accounts = Array.from({ length: 150 }, (_, n) => ({ name: `n${n}`, url: upstream.url }));
    const proxy = await startProxy(accounts);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(proxy)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([529]));
    const attempts = answers.map((answer) => Number(headerOf(answer, 'x-ccr-attempts')));
    expect(Math.max(...attempts)).toBeLessThanOrEqual(3);
    expect(attempts.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(50 * 1.2 + 3);
  });
});
