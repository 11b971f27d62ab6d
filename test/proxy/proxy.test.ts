import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { fixedReply } from '../../source/demo/replies.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { createProxy } from '../../source/proxy/proxy.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import {
  accountId,
  answerAll,
  answerBytes,
  ask,
  endAll,
  ending,
  headerOf,
  question,
  startPair,
  startProxy,
  testConfig,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const two = { a: { kind: 'unified' }, b: { kind: 'unified' } } as const;
const accountOf = async (proxy: TestProxy, request: Parameters<typeof ask>[1]): Promise<string> => {
  const answer = await ask(proxy, request);
  expect(answer.status).toBe(200);
  return headerOf(answer, 'x-ccr-account') ?? '';
};
const inSession = (session: string, agent?: string) => ({
  headers: {
    'x-claude-code-session-id': session,
    ...(agent === undefined ? {} : { 'x-claude-code-agent-id': agent }),
  },
});
const withUserId = (userId: string) => ({
  body: JSON.stringify({ ...question, metadata: { user_id: userId } }),
});

/** Accounts of `count` requests of each kind in turn. */
const alternating = async (
  proxy: TestProxy,
  kinds: readonly Parameters<typeof ask>[1][],
  count: number,
): Promise<string[]> => {
  const seen = kinds.map(() => new Set<string>());
  for (let n = 0; n < count; n += 1) {
    for (const [k, kind] of kinds.entries()) seen[k]?.add(await accountOf(proxy, kind));
  }
  return seen.map((accounts) => [...accounts].join('+'));
};

describe('a conversation stays on its account', () => {
  test('by the session header of Claude Code', async () => {
    const pair = await startPair(two);
    const accounts = await alternating(pair, [inSession('s-1'), inSession('s-2')], 5);
    expect(accounts.toSorted()).toEqual(['a', 'b']);
    const rows = await Promise.all([0, 1, 2].map((n) => pair.row(n)));
    expect(rows.map(({ decision }) => decision?.affinity)).toEqual(['new', 'new', 'warm']);
  });

  test('each agent of a session for itself', async () => {
    const pair = await startPair(two);
    const kinds = [inSession('s', 'a1'), inSession('s', 'a2')];
    expect((await alternating(pair, kinds, 5)).toSorted()).toEqual(['a', 'b']);
  });

  test.each([
    ['JSON', (id: string) => JSON.stringify({ device_id: 'd', account_uuid: '', session_id: id })],
    ['old', (id: string) => `user_0a1b_account_${'0'.repeat(8)}_session_${id}`],
  ])('by metadata.user_id in its %s form', async (_, userId) => {
    const pair = await startPair(two);
    const first = '11111111-1111-4111-8111-111111111111';
    const second = '22222222-2222-4222-8222-222222222222';
    const kinds = [withUserId(userId(first)), withUserId(userId(second))];
    expect((await alternating(pair, kinds, 5)).toSorted()).toEqual(['a', 'b']);
    expect((await pair.row()).session).toBe(first);
  });

  test('until its account cannot serve; then it moves and stays', async () => {
    const pair = await startPair(two);
    const home = await accountOf(pair, inSession('s'));
    pair.upstream.fail({ fault: 'overloaded', account: home, times: 1 });
    const moved = await accountOf(pair, inSession('s'));
    expect(moved).not.toBe(home);
    expect(await accountOf(pair, inSession('s'))).toBe(moved);
    expect((await pair.row(1)).decision?.affinity).toBe('moved');
    expect((await pair.row(2)).decision?.affinity).toBe('warm');
  });

  test('questions that have nothing to do with each other go where least is used', async () => {
    const pair = await startPair(
      { used: { kind: 'unified', used: { '5h': 0.5 } }, fresh: { kind: 'unified' } },
      { upstream: { reply: fixedReply('short') } },
    );
    const about = (content: number) => ({
      body: JSON.stringify({ ...question, messages: [{ role: 'user', content: `Question ${content}` }] }),
    });
    // The first two tell how much of each window is used.
    await ask(pair, about(1));
    await ask(pair, about(2));
    expect(await alternating(pair, [3, 4, 5, 6, 7].map(about), 1)).toEqual(Array(5).fill('fresh'));
  });
});

describe('changes while it runs', () => {
  test('of the accounts: added, paused, removed', async () => {
    const pair = await startPair(two);
    const [a, b] = pair.records;
    pair.proxy.setAccounts([{ ...a!, paused: true }, b!]);
    await pair.account('a', ({ state }) => state === 'paused');
    expect(await alternating(pair, [{}], 4)).toEqual(['b']);
    pair.proxy.setAccounts([a!]);
    expect(await pair.awaitEvent('accountRemoved')).toMatchObject({ account: 'id-b' });
    expect(await alternating(pair, [{}], 4)).toEqual(['a']);
    pair.proxy.setAccounts([]);
    expect((await ask(pair)).status).toBe(503);
  });

  test("an account that went and came back is nobody's home", async () => {
    const pair = await startPair({ work: { kind: 'none' } });
    await accountOf(pair, inSession('s'));
    pair.proxy.setAccounts([]);
    pair.proxy.setAccounts(pair.records);
    await accountOf(pair, inSession('s'));
    expect((await pair.row(1)).decision?.affinity).toBe('new');
  });

  test('an account that is removed under a stream lets it finish', async () => {
    const pair = await startPair({ work: { kind: 'none' } }, { upstream: { pace: { pieceMs: 10 } } });
    const running = ask(pair, { body: JSON.stringify({ ...question, stream: true }) });
    await pair.awaitEvent('responseStarted');
    pair.proxy.setAccounts([]);
    expect((await running).response?.complete).toBe(true);
    expect(await pair.row()).toMatchObject({ outcome: 'ok', account: 'work' });
  });

  test('of the settings', async () => {
    const pair = await startPair(two);
    pair.proxy.setConfig(testConfig({ strategy: 'spread', allowedHosts: ['box.lan'], bodyLimitMiB: 1 }));
    expect((await ask(pair, { headers: { host: 'box.lan' } })).status).toBe(200);
    expect((await ask(pair, { body: Buffer.alloc(1_048_577) })).status).toBe(413);
    expect((await pair.row()).decision).toMatchObject({ strategy: 'spread', affinity: null });
  });
});

describe('events', () => {
  test('come in batches, the next after the acknowledgement of the last, at most 20 a second', async () => {
    const batches: { batch: number; events: ProxyEvent[]; at: number }[] = [];
    const proxy = createProxy({
      config: testConfig(),
      accounts: [],
      keeper: { get: async () => new Secret('x') },
      send: (batch, events) => void batches.push({ batch, events, at: performance.now() }),
    });
    ending({ close: () => proxy.drain(0) });
    const { url } = await proxy.listen();
    const fetchOne = async (): Promise<void> => {
      await (await fetch(`${url}/v1/models`)).text();
    };
    await expect.poll(() => batches.length).toBe(1);
    for (let n = 0; n < 5; n += 1) await fetchOne();
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
    expect(batches).toHaveLength(1);
    proxy.acknowledged(batches[0]!.batch);
    await expect.poll(() => batches.length).toBe(2);
    const rows = batches[1]!.events.filter(({ type }) => type === 'requestFinished');
    expect(rows).toHaveLength(5);
    for (let n = 0; n < 20; n += 1) {
      proxy.acknowledged(batches.at(-1)!.batch);
      await fetchOne();
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    const gaps = batches.slice(1).map(({ at }, n) => at - batches[n]!.at);
    expect(Math.min(...gaps)).toBeGreaterThan(45);
    expect(structuredClone(batches)).toEqual(batches);
  });

  test('of 500 requests: each has exactly one row, with an id of its own that sorts by time', async () => {
    const pair = await startPair({ work: { kind: 'none' } });
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const one = async (n: number): Promise<string> => {
      const request = httpRequest(`${pair.url}/v1/messages`, { method: 'POST', agent });
      request.end(n % 5 === 0 ? '{' : JSON.stringify(question));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      return String(response.headers['x-ccr-request-id']);
    };
    const ids = await Promise.all(Array.from({ length: 500 }, (_, n) => one(n)));
    await pair.row(499);
    agent.destroy();
    const rows = pair.eventsOf('requestFinished').map(({ request }) => request);
    expect(rows).toHaveLength(500);
    expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(500);
    expect(rows.filter(({ outcome }) => outcome === 'error')).toHaveLength(100);
    const byTime = rows.toSorted((x, y) => x.at - y.at || (x.id < y.id ? -1 : 1)).map(({ id }) => id);
    expect(rows.map(({ id }) => id).toSorted()).toEqual(byTime);
    await pair.account('work', ({ inFlight, requests }) => inFlight === 0 && requests === 500);
  });
});

describe('many at once', () => {
  test('300 streams are all alive at the same time, and all end whole', async () => {
    const pair = await startPair({ a: { kind: 'none' }, b: { kind: 'none' }, c: { kind: 'none' } });
    const release = pair.upstream.fail({ fault: 'stall-mid-body' });
    const agent = new Agent({ keepAlive: true });
    const streams = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const request = httpRequest(`${pair.url}/v1/messages`, { method: 'POST', agent });
        request.end(JSON.stringify({ ...question, stream: true }));
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        const [first] = (await once(response, 'data')) as [Buffer];
        return { response, first };
      }),
    );
    await pair.account('c', ({ inFlight }) => inFlight === 100);
    expect(streams.every(({ first }) => first.includes('message_start'))).toBe(true);
    const ends = streams.map(async ({ response, first }) => {
      let text = first.toString();
      response.on('data', (data: Buffer) => (text += data.toString()));
      await once(response, 'end');
      return text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n');
    });
    release();
    expect((await Promise.all(ends)).filter(Boolean)).toHaveLength(300);
    agent.destroy();
    await pair.row(299);
    const rows = pair.eventsOf('requestFinished');
    expect(new Set(rows.map(({ request }) => request.outcome))).toEqual(new Set(['ok']));
    for (const name of ['a', 'b', 'c']) await pair.account(name, ({ inFlight }) => inFlight === 0);
  });

  test('the real SDK works through it: whole, as a stream, counting, listing', async () => {
    const pair = await startPair(two);
    const client = new Anthropic({ baseURL: pair.url, authToken: 'of the client', maxRetries: 0 });
    const whole = await client.messages.create(question);
    expect(whole.usage.output_tokens).toBeGreaterThan(0);
    const streamed = await client.messages.stream(question).finalMessage();
    expect(streamed.stop_reason).toBe('end_turn');
    const { max_tokens: _, ...countable } = question;
    expect((await client.messages.countTokens(countable)).input_tokens).toBeGreaterThan(0);
    expect((await client.models.list()).data.length).toBeGreaterThan(0);
    const rows = pair.eventsOf('requestFinished').map(({ request }) => request);
    await pair.row(3);
    expect(pair.eventsOf('requestFinished').map(({ request }) => request.tokens.output)).toEqual([
      whole.usage.output_tokens,
      streamed.usage.output_tokens,
      null,
      null,
    ]);
    expect(rows.every(({ agent, outcome }) => agent === 'anthropic-sdk' && outcome === 'ok')).toBe(true);
  });
});

test('what rests is free within seconds after a sleep of the machine or another time of day, and is told once', async () => {
  const hour = 3_600_000;
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(503, {}, '{}'))));
  const cases = [8 * hour, 10 * 365 * 24 * hour, -2 * hour].map(async (by) => {
    const clock = createFakeClock();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }], { clock });
    await ask(proxy);
    await proxy.account('work', ({ state }) => state === 'benched');
    clock.setWall(clock.now() + by);
    // Of the time of which it sleeps the other clock knows nothing; of a clock that is set back it knows that time goes on.
    if (by < 0) clock.advance(1001);
    await proxy.account('work', ({ state }) => state === 'ready');
    expect(proxy.eventsOf('accountChanged').length).toBeLessThan(8);
  });
  await Promise.all(cases);
});

test('two data planes do not share a port', async () => {
  const first = await startProxy([]);
  await expect(startProxy([], { config: { port: first.port } })).rejects.toMatchObject({
    code: 'port_in_use',
    message: expect.stringContaining(String(first.port)),
  });
});

const unified = { kind: 'unified' } as const;

/** Everything told of the next account, once the newest is this one. */
const told = async (proxy: TestProxy, account: AccountId | null): Promise<(AccountId | null)[]> => {
  await proxy.awaitEvent('nextChosen', (event) => {
    return event.account === account && event === proxy.eventsOf('nextChosen').at(-1);
  });
  return proxy.eventsOf('nextChosen').map((event) => event.account);
};

describe('the account that a new conversation would get is told', () => {
  test('at the start, and again when it is paused or nobody is left', async () => {
    const pair = await startPair({ a: unified, b: unified });
    const [a, b] = pair.records;
    expect(await told(pair, accountId('a'))).toEqual([accountId('a')]);
    pair.proxy.setAccounts([{ ...a!, paused: true }, b!]);
    expect(await told(pair, accountId('b'))).toHaveLength(2);
    pair.proxy.setAccounts([{ ...a!, paused: true }]);
    expect(await told(pair, null)).toEqual([accountId('a'), accountId('b'), null]);
  });

  test('when there is none', async () => {
    const pair = await startPair({});
    expect(await told(pair, null)).toEqual([null]);
  });

  test('when the one before has used up its window, and the next request goes where it was said', async () => {
    const pair = await startPair({
      a: { ...unified, used: { '5h': 0.999999 } },
      b: { ...unified, used: { '5h': 0.5 } },
    });
    await told(pair, accountId('a'));
    // What is known of `a` is that it has spent its window; of `b` that it has served.
    const first = await ask(pair);
    expect(headerOf(first, 'x-ccr-account')).toBe('a');
    await ask(pair);
    await told(pair, accountId('b'));
    expect(headerOf(await ask(pair), 'x-ccr-account')).toBe('b');
  });

  test('not again while it stays the same', async () => {
    const pair = await startPair({ a: unified });
    for (let n = 0; n < 10; n += 1) await ask(pair);
    await pair.account('a', ({ requests, inFlight }) => requests === 10 && inFlight === 0);
    expect(await told(pair, accountId('a'))).toEqual([accountId('a')]);
  });
});
