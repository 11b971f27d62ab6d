import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { digestKey, newClientKey } from '../../source/credentials/key-pepper.ts';
import { unlimited, type ClientKeyRecord, type KeyLimits } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { startUpstream } from '../../source/demo/upstream.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { keyRecord } from '../kit/records.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
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
  startProxy,
  type Ask,
  type TestConfig,
} from './start-proxy.ts';

afterEach(endAll);

const pepper = randomBytes(32);
const key = newClientKey().reveal();

const record = (limits: Partial<KeyLimits> = {}, more: Partial<ClientKeyRecord> = {}): ClientKeyRecord =>
  keyRecord('laptop', {
    id: 'one',
    hash: digestKey(pepper, key).toString('base64'),
    limits: { ...unlimited, ...limits },
    ...more,
  });

const json = '{"type":"message","model":"claude-opus-5-5","usage":{"input_tokens":1,"output_tokens":1}}';

/** A proxy in front of two accounts, with one key. */
const guarded = async (keys: readonly ClientKeyRecord[], config: TestConfig = {}, clock?: FakeClock) => {
  const answer = answerBytes(200, { 'content-type': 'application/json' }, json);
  const upstream = ending(await startRawUpstream(answerAll(answer)));
  const accounts = ['home', 'work'].map((name) => ({ name, url: upstream.url }));
  const proxy = await startProxy(accounts, {
    config,
    keys: { records: keys, loadPepper: async () => pepper },
    ...(clock ? { clock } : {}),
  });
  return { ...proxy, upstream };
};

const withKey = (request: Ask = {}): Ask => ({
  ...request,
  headers: { ...request.headers, 'x-api-key': key },
});

describe('a key that is asked for', () => {
  const shown: [string, Ask][] = [
    ['none', {}],
    ['another', { headers: { 'x-api-key': newClientKey().reveal() } }],
    ['its beginning', { headers: { 'x-api-key': key.slice(0, 20) } }],
    ['Basic', { headers: { authorization: `Basic ${key}` } }],
    ['two', { headers: { 'x-api-key': key, authorization: 'Bearer x' } }],
    ['in the address', { path: `/v1/messages?key=${key}` }],
    ['in the address, beside the right one', withKey({ path: `/v1/messages?x=${key}` })],
    ['in a cookie', { headers: { cookie: `key=${key}` } }],
  ];
  test.each(shown)(
    '%s: 401 in the form that the client reads, a row, and nothing goes upstream',
    async (_, request) => {
      const proxy = await guarded([record()]);
      const answer = await ask(proxy, {
        ...request,
        headers: { 'content-type': 'application/json', ...request.headers },
      });
      expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([401, expect.stringMatching(/^key_/)]);
      expect(headerOf(answer, 'x-should-retry')).toBe('false');
      expect(jsonOf(answer)).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
      expect(await proxy.row()).toMatchObject({
        status: 401,
        outcome: 'rejected',
        attempts: [],
        client: 'default',
      });
      expect(proxy.upstream.connections).toHaveLength(0);
      expect(JSON.stringify(proxy.events)).not.toContain(key.slice(4));
    },
  );

  test('that is right serves, names the row, and goes no further', async () => {
    const proxy = await guarded([record()]);
    for (const headers of [
      { 'x-api-key': key },
      { authorization: `Bearer ${key}` },
      { authorization: `bearer ${key}`, 'x-api-key': key },
    ]) {
      expect((await ask(proxy, { headers: { 'content-type': 'application/json', ...headers } })).status).toBe(
        200,
      );
    }
    expect(await proxy.row(2)).toMatchObject({ client: 'laptop', outcome: 'ok' });
    expect(JSON.stringify(proxy.events)).not.toContain(key.slice(4));
    const arrived = proxy.upstream.connections.map(({ received }) =>
      Buffer.from(received()).toString('latin1'),
    );
    expect(arrived.join()).toContain('key-home');
    expect(arrived.join()).not.toContain(key);
  });

  test('is asked for where there is nothing, but not for the health of the proxy', async () => {
    const proxy = await guarded([record()]);
    expect((await ask(proxy, { method: 'GET', path: '/nothing' })).status).toBe(401);
    expect((await ask(proxy, withKey({ method: 'GET', path: '/nothing' }))).status).toBe(404);
    for (const path of ['/', '/healthz', '/readyz']) {
      expect((await ask(proxy, { method: 'GET', path })).status).not.toBe(401);
    }
  });

  test('refuses OpenAI clients in their own form', async () => {
    const proxy = await guarded([record()]);
    const answer = await ask(proxy, {
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(401);
    expect(jsonOf(answer)).toMatchObject({ error: { code: 'key_missing', type: 'authentication_error' } });
  });

  test('is looked at before the body: 30 MB that are announced are not asked for', async () => {
    const proxy = await guarded([record()]);
    const client = await connectRaw(proxy.port);
    await client.send(
      `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nContent-Type: application/json\r\n` +
        `Expect: 100-continue\r\nContent-Length: 30000000\r\nx-api-key: wrong\r\n\r\n`,
    );
    await hungUp(client).catch(() => undefined);
    expect(await proxy.row()).toMatchObject({ status: 401 });
    expect(Buffer.from(client.received()).toString('latin1')).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('ends while the proxy runs, and another begins', async () => {
    const proxy = await guarded([record()]);
    expect((await ask(proxy, withKey())).status).toBe(200);
    proxy.proxy.keys.replace([record({}, { revokedAt: asEpoch(1) })]);
    const answer = await ask(proxy, withKey());
    expect([answer.status, jsonOf(answer)]).toMatchObject([
      401,
      { error: { message: /laptop was revoked/ } },
    ]);
    expect(await proxy.row(1)).toMatchObject({ client: 'laptop', status: 401 });
  });

  test('that is revoked lets the request that it let in come to its end', async () => {
    const upstream = ending(await startRawUpstream());
    const keys = { records: [record()], loadPepper: async () => pepper };
    const proxy = await startProxy([{ name: 'work', url: upstream.url }], { keys });
    const answer = ask(proxy, withKey());
    const connection = await upstream.connection(0);
    await connection.message();
    proxy.proxy.keys.replace([record({}, { revokedAt: asEpoch(1) })]);
    expect((await ask(proxy, withKey())).status).toBe(401);
    await connection.send(answerBytes(200, { 'content-type': 'application/json' }, json));
    expect((await answer).status).toBe(200);
  });
});

describe('what a key may do', () => {
  const forbidden = async (limits: Partial<KeyLimits>, request: Ask): Promise<unknown> => {
    const proxy = await guarded([record(limits)]);
    const answer = await ask(proxy, withKey(request));
    const isForbidden = answer.status === 403;
    expect(headerOf(answer, 'x-ccr-error') === 'key_forbidden').toBe(isForbidden);
    const { client, attempts } = await proxy.row();
    expect([client, attempts.length === 0]).toEqual(['laptop', answer.status !== 200]);
    expect(proxy.upstream.connections.length === 0).toBe(answer.status !== 200);
    return answer.status;
  };
  const body = (model: unknown): string => JSON.stringify({ ...question, model });
  const haiku = { models: ['claude-haiku-*'] };

  test.each<[string, Partial<KeyLimits>, Ask, number]>([
    ['a model of its own', haiku, { body: body('claude-haiku-5-5') }, 200],
    ['another model', haiku, { body: body('claude-opus-5-5') }, 403],
    ['no model', haiku, { body: '{}' }, 403],
    [
      'two models',
      haiku,
      {
        body: `{"model":"claude-haiku-5-5","x":${JSON.stringify('y'.repeat(5000))},"model":"claude-opus-5-5"}`,
      },
      403,
    ],
    [
      'a model in a batch',
      haiku,
      { path: '/v1/messages/batches', body: '{"requests":[{"params":{"model":"claude-opus-5-5"}}]}' },
      403,
    ],
    ['a list of models', haiku, { method: 'GET', path: '/v1/models' }, 200],
    ['an account of its own', { accounts: ['work'] }, { headers: { 'x-ccr-account': 'work' } }, 200],
    ['another account', { accounts: ['work'] }, { headers: { 'x-ccr-account': 'home' } }, 403],
    ['an account that is gone', { accounts: ['lost'] }, {}, 403],
    ['an account that never was', {}, { headers: { 'x-ccr-account': 'lost' } }, 400],
  ])('%s', async (_, limits, request, status) => {
    expect(await forbidden(limits, request)).toBe(status);
  });

  test('its accounts alone serve it, and the one that is asked for', async () => {
    const proxy = await guarded([record({ accounts: ['work'] })]);
    for (let n = 0; n < 3; n += 1) await ask(proxy, withKey());
    for (let n = 0; n < 3; n += 1) expect(await proxy.row(n)).toMatchObject({ account: 'work' });
    proxy.proxy.keys.replace([record()]);
    for (const account of ['home', 'work'])
      await ask(proxy, withKey({ headers: { 'x-ccr-account': account } }));
    expect([(await proxy.row(3)).account, (await proxy.row(4)).account]).toEqual(['home', 'work']);
  });

  test('requests at once: one too many is told to come again, and may when one has left or has ended', async () => {
    const work = { name: 'work', key: 'key-work', limits: { kind: 'none' } } as const;
    const upstream = ending(await startUpstream({ accounts: [work] }));
    const keys = { records: [record({ concurrent: 1 })], loadPepper: async () => pepper };
    const proxy = await startProxy([{ name: 'work', url: upstream.url }], { keys });
    upstream.fail({ fault: 'stall-mid-body', times: 1 });
    const first = await connectRaw(proxy.port);
    await first.send(askBytes(proxy, withKey({ body: JSON.stringify({ ...question, stream: true }) })));
    await upstream.awaitRequest(({ seq }) => seq === 1);
    const refused = await ask(proxy, withKey());
    expect([refused.status, headerOf(refused, 'x-ccr-error')]).toEqual([429, 'key_limited']);
    expect([headerOf(refused, 'retry-after'), headerOf(refused, 'x-should-retry')]).toEqual(['1', 'true']);
    expect(jsonOf(refused)).toMatchObject({ error: { type: 'rate_limit_error' } });
    first.reset();
    await expect.poll(async () => (await ask(proxy, withKey())).status).toBe(200);
    expect((await ask(proxy, withKey())).status).toBe(200);
    expect(upstream.requests).toHaveLength(3);
  });

  test('requests a minute and of a day', async () => {
    const clock = createFakeClock();
    const proxy = await guarded([record({ requestsPerMinute: 2 })], {}, clock);
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 3; n += 1) codes.push(headerOf(await ask(proxy, withKey()), 'x-ccr-error'));
    expect(codes).toEqual([undefined, undefined, 'key_limited']);
    const refused = await ask(proxy, withKey());
    expect([refused.status, headerOf(refused, 'x-should-retry')]).toEqual([429, 'true']);
    expect(Number(headerOf(refused, 'retry-after'))).toBeGreaterThan(50);
    expect(await proxy.row(2)).toMatchObject({ client: 'laptop', status: 429, attempts: [] });

    proxy.proxy.keys.replace([record({ dailyTokens: 5 })]);
    const day = Math.floor(clock.now() / 86_400_000);
    proxy.proxy.keys.setSpending(new Map([['one', { day, tokens: 5, usd: 0 }]]));
    const spent = await ask(proxy, withKey());
    expect([spent.status, headerOf(spent, 'x-ccr-error')]).toEqual([429, 'budget_spent']);
  });

  test('one bad client of three is held back, the others are served', async () => {
    const other = newClientKey().reveal();
    const hash = digestKey(pepper, other).toString('base64');
    const proxy = await guarded([
      record({ requestsPerMinute: 1, concurrent: 1 }),
      record({}, { id: 'two', name: 'b', hash }),
    ]);
    const all = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const mine = n % 3 === 0 ? key : other;
        return { mine, status: (await ask(proxy, { headers: { 'x-api-key': mine } })).status };
      }),
    );
    expect(all.filter(({ mine, status }) => mine === other && status === 200)).toHaveLength(20);
    expect(all.filter(({ mine, status }) => mine === key && status === 200)).toHaveLength(1);
  });
});

test('wrong keys that come fast are answered slowly, and right ones beside them at once', async () => {
  // As fast as it goes: on a clock that stands still none of them is forgiven before the last one has come.
  const proxy = await guarded([record()], {}, createFakeClock());
  const wrong = Array.from({ length: 12 }, () => ask(proxy, { headers: { 'x-api-key': 'wrong' } }));
  const before = performance.now();
  const answers = await Promise.all(wrong);
  expect(performance.now() - before).toBeGreaterThan(100);
  // Those that had to wait have no row, and so none of them names one.
  const named = answers.flatMap((answer) => headerOf(answer, 'x-ccr-request-id') ?? []);
  const rows = await Promise.all(named.map((_, n) => proxy.row(n)));
  expect(named).toHaveLength(10);
  expect(rows.map(({ id }) => id as string).toSorted()).toEqual(named.toSorted());
  expect((await ask(proxy, withKey())).status).toBe(200);
});
