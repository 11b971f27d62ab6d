import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountRecord } from '../../source/shared/types.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { useInstanceHome } from '../kit/instance-home.ts';
import { inRun } from '../kit/long-run.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { fine, hold, marked, send, spent, startProvider, type Provider } from '../proxy/provider.ts';
import {
  answerBytes,
  ask,
  askBytes,
  endAll,
  headerOf,
  jsonOf,
  record,
  startProxy,
  type Ask,
  type TestConfig,
  type TestProxy,
} from '../proxy/start-proxy.ts';

afterEach(endAll);

type Limits = Readonly<Record<string, number | undefined>>;
type Place = TestProxy & {
  provider: Provider;
  clock: FakeClock;
  /** How many requests of each key the provider had at once, at most. */
  most: Record<string, number>;
  limit(limits: Limits): void;
};

const recordsOf = (limits: Limits, url: string): AccountRecord[] =>
  Object.entries(limits).map(([name, concurrent]) => ({
    ...record({ name, url }),
    ...(concurrent === undefined ? {} : { concurrent }),
  }));

/** Accounts that may have so many requests at once; their keys are their names. */
const startWith = async (limits: Limits, config: TestConfig = {}): Promise<Place> => {
  const provider = await startProvider();
  const clock = createFakeClock();
  const keeper = { get: async (id: string) => new Secret(id.slice('id-'.length)) };
  const proxy = await startProxy([], { config, clock, keeper });
  const limit = (next: Limits): void => proxy.proxy.setAccounts(recordsOf(next, provider.url));
  limit(limits);
  const most: Record<string, number> = {};
  const now: Record<string, number> = {};
  const counted: Pick<Provider, 'answer'> = { answer: () => fine };
  provider.answer = async (mark, key) => {
    // One whose client has left goes on there until that is known.
    if (mark === 'left') return counted.answer(mark, key);
    now[key] = (now[key] ?? 0) + 1;
    most[key] = Math.max(most[key] ?? 0, now[key]);
    const answer = await counted.answer(mark, key);
    now[key] -= 1;
    return answer;
  };
  return {
    ...proxy,
    clock,
    most,
    limit,
    provider: Object.defineProperty(Object.create(provider) as Provider, 'answer', {
      set(answer: Provider['answer']) {
        counted.answer = answer;
      },
    }),
  };
};

const soon = (ms = 3): Promise<Buffer> => new Promise((resolve) => void setTimeout(() => resolve(fine), ms));

type Gates = Record<string, (answer?: Buffer) => void>;

/** Requests that each wait for its own answer. */
const gated = (place: Place): Gates => {
  const gates: Gates = {};
  place.provider.answer = (mark) =>
    new Promise((resolve) => void (gates[mark] = (answer = fine) => resolve(answer)));
  return gates;
};

const marks = (place: Place): string[] => place.provider.asked.map(({ mark }) => mark);
const statusOf = async (client: RawConnection): Promise<number> =>
  Number((await client.message()).startLine.split(' ')[1]);
const session = { 'x-claude-code-session-id': 's' };
/** What an account sends that has nothing but a number of requests at once. */
const others: readonly Ask[] = [
  { path: '/v1/messages/count_tokens', body: marked('tokens') },
  { method: 'GET', path: '/v1/models', headers: { 'anthropic-version': '2023-06-01' } },
];

describe('an account that may have n requests at once', () => {
  test.each([1, 4, 32])('has n = %d of 200 parallel ones, never more, and serves them all', async (n) => {
    const place = await startWith({ work: n });
    // As many as may come do, before the first has its answer.
    place.provider.answer = () => place.provider.arrived(n).then(() => soon());
    const asked = Array.from({ length: 200 }, (_, i): Ask => others[i % 20] ?? { body: marked(`m${i}`) });
    const answers = await Promise.all(asked.map((each) => ask(place, each)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(place.most).toEqual({ work: n });
    // Each of them once.
    expect(place.provider.asked).toHaveLength(200);
    await place.account('work', ({ inFlight }) => inFlight === 0);
  });

  test('has no more for retries, clients that leave, failures and limits of others', async () => {
    const place = await startWith({ a: 2, b: 3, c: 1 });
    const answers = [
      answerBytes(500, {}, '{}'),
      answerBytes(529, {}, '{}'),
      answerBytes(429, {}, '{}'),
      spent(Math.ceil(place.clock.now() / 1000) * 1000 + 2000),
    ];
    let count = 0;
    place.provider.answer = async () => {
      await soon(count % 4);
      count += 1;
      return answers[count % 13] ?? fine;
    };
    const client = async (n: number): Promise<void> => {
      for (let turn = 0; turn < inRun(6, 50); turn += 1) {
        const headers = n % 2 === 0 ? { 'x-claude-code-session-id': `s${n}` } : {};
        if ((n + turn) % 7 === 0) {
          (await send(place, 'left', headers)).reset();
        } else {
          await ask(place, { headers, body: marked('x') });
        }
      }
    };
    // Pauses and rests pass whatever the clients wait for.
    const ticking = setInterval(() => place.clock.advance(50), 5);
    onTestFinished(() => clearInterval(ticking));
    await Promise.all(Array.from({ length: 24 }, (_, n) => client(n)));
    expect(place.most['a']).toBeLessThanOrEqual(2);
    expect(place.most['b']).toBeLessThanOrEqual(3);
    expect(place.most['c']).toBe(1);
    for (const name of ['a', 'b', 'c']) await place.account(name, ({ inFlight }) => inFlight === 0);
  });

  test('lets others serve what comes while it has them', async () => {
    const place = await startWith({ small: 1, large: undefined });
    const gates = gated(place);
    const first = await send(place, 'first');
    await place.provider.arrived(1);
    place.limit({ [place.provider.asked[0]?.key ?? '']: 1, spare: undefined });
    const second = await send(place, 'second');
    await place.provider.arrived(2);
    expect(place.provider.asked[1]?.key).toBe('spare');
    for (const mark of ['first', 'second']) gates[mark]?.();
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
    const row = await place.row(1);
    expect(row.waitMs).toBe(0);
    expect(place.eventsOf('requestHeld')).toEqual([]);
  });
});

describe('a request waits for a place', () => {
  test('with its warm conversation although another account is free, and its wait is counted', async () => {
    const place = await startWith({ a: 1, b: 1 });
    expect(await statusOf(await send(place, 'begins', session))).toBe(200);
    const home = place.provider.asked[0]?.key;
    const gates = gated(place);
    await send(place, 'long', session);
    await place.provider.arrived(2);
    const second = await hold(place, 'second', session);
    const { decision } = place.eventsOf('requestHeld')[0] ?? {};
    expect(decision?.considered.find(({ account }) => account === home)?.verdict).toBe(
      'full: 1 of 1 requests in flight',
    );
    place.clock.advance(700);
    gates['long']?.();
    await place.provider.arrived(3);
    gates['second']?.();
    expect(await statusOf(second)).toBe(200);
    expect(place.provider.asked.map(({ key }) => key)).toEqual([home, home, home]);
    const row = await place.row(2);
    expect(row).toMatchObject({ account: home, waitMs: 700, decision: { affinity: 'warm' } });
    expect(row.attempts).toHaveLength(1);
  });

  test('no longer than ten seconds: then it goes to the other account', async () => {
    const place = await startWith({ a: 1, b: 1 });
    await statusOf(await send(place, 'begins', session));
    const home = place.provider.asked[0]?.key;
    const gates = gated(place);
    await send(place, 'long', session);
    await place.provider.arrived(2);
    const second = await hold(place, 'second', session);
    place.clock.advance(10_001);
    await place.provider.arrived(3);
    gates['second']?.();
    expect(await statusOf(second)).toBe(200);
    expect(place.provider.asked[2]?.key).not.toBe(home);
    expect((await place.row(1)).decision?.affinity).toBe('moved');
  });

  test('and the one place there is for one of those whose time is over together', async () => {
    const place = await startWith({ a: 1, b: 1 });
    await statusOf(await send(place, 'begins', session));
    const gates = gated(place);
    await send(place, 'long', session);
    await place.provider.arrived(2);
    const clients = [await hold(place, 'x', session), await hold(place, 'y', session)];
    place.clock.advance(10_001);
    expect(await statusOf(clients[1] as RawConnection)).toBe(529);
    await place.provider.arrived(3);
    gates['x']?.();
    expect(await statusOf(clients[0] as RawConnection)).toBe(200);
    expect(place.most).toEqual({ a: 1, b: 1 });
  });

  test('and gets a 529 that says so where nobody has one in that time', async () => {
    const place = await startWith({ work: 1 });
    gated(place);
    await send(place, 'long');
    await place.provider.arrived(1);
    const waiting = ask(place, { body: marked('second') });
    await place.awaitEvent('requestHeld');
    place.clock.advance(10_001);
    const answer = await waiting;
    expect(['x-ccr-error', 'retry-after'].map((name) => headerOf(answer, name))).toEqual([
      'all_overloaded',
      '2',
    ]);
    expect([answer.status, jsonOf(answer)['error']]).toEqual([
      529,
      {
        type: 'overloaded_error',
        message: 'Every account that could take it has as many requests under way as you allow.',
      },
    ]);
    expect(marks(place)).toEqual(['long']);
    expect(await place.row()).toMatchObject({ outcome: 'rejected', attempts: [], waitMs: 10_001 });
  });

  test('in the order of arrival: nobody who comes later takes a place that has come free', async () => {
    const place = await startWith({ work: 1 });
    const gates = gated(place);
    const clients = [await send(place, 'm0')];
    await place.provider.arrived(1);
    for (let n = 1; n < 20; n += 1) {
      clients.push(await hold(place, `m${n}`));
      place.clock.advance(1);
    }
    place.provider.answer = () => fine;
    gates['m0']?.();
    const again = clients.map(async (client, n) => {
      expect(await statusOf(client)).toBe(200);
      // At once: while the place is free, or goes to the next one.
      await client.send(askBytes(place, { body: marked(`again${n}`) }));
      expect(await statusOf(client)).toBe(200);
    });
    await Promise.all(again);
    expect(marks(place).slice(0, 20)).toEqual(clients.map((_, n) => `m${n}`));
    expect(place.most).toEqual({ work: 1 });
  });

  test('which is not for one that comes in the moment in which it comes free', async () => {
    const place = await startWith({ work: 1 });
    const newcomer = await connectRaw(place.port);
    for (let n = 0; n < inRun(10, 100); n += 1) {
      const gates = gated(place);
      const first = await send(place, 'first');
      await place.provider.arrived(3 * n + 1);
      const waits = await hold(place, 'waits');
      place.provider.answer = () => fine;
      gates['first']?.();
      // By now the answer is on its way: the proxy reads both together.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      await newcomer.send(askBytes(place, { body: marked('newcomer') }));
      expect(await Promise.all([first, waits, newcomer].map(statusOf))).toEqual([200, 200, 200]);
      expect(marks(place).slice(-3)).toEqual(['first', 'waits', 'newcomer']);
    }
  });

  test.each([
    ['a limit', 429, 'all_limited'],
    ['a failure', 529, 'all_overloaded'],
  ] as const)('and no longer for one that meets %s meanwhile', async (what, status, error) => {
    const place = await startWith({ work: 1 });
    const gates = gated(place);
    const answers = { 'a limit': spent(place.clock.now() + 60_000), 'a failure': answerBytes(529, {}, '{}') };
    await send(place, 'first');
    await place.provider.arrived(1);
    const waits = await hold(place, 'waits');
    gates['first']?.(answers[what]);
    const answer = await waits.message();
    expect([answer.startLine.split(' ')[1], answer.header('x-ccr-error')]).toEqual([String(status), error]);
    expect(marks(place)).toEqual(['first']);
  });

  test('as long as its client does: who has left is not sent, and the next one gets the place', async () => {
    const place = await startWith({ work: 1 });
    const gates = gated(place);
    await send(place, 'long');
    await place.provider.arrived(1);
    const leaves = await hold(place, 'leaves');
    const stays = await hold(place, 'stays');
    leaves.reset();
    expect(await place.row()).toMatchObject({ outcome: 'aborted', attempts: [], account: null });
    place.provider.answer = () => fine;
    gates['long']?.();
    expect(await statusOf(stays)).toBe(200);
    expect(marks(place)).toEqual(['long', 'stays']);
  });

  test('until the number grows, and one that shrinks cuts nobody', async () => {
    const place = await startWith({ work: 1 });
    const gates = gated(place);
    const clients = [await send(place, 'm0')];
    await place.provider.arrived(1);
    for (const n of [1, 2, 3]) clients.push(await hold(place, `m${n}`));
    place.limit({ work: 2 });
    await place.provider.arrived(2);
    place.limit({ work: undefined });
    await place.provider.arrived(4);
    place.limit({ work: 2 });
    clients.push(await hold(place, 'm4'));
    for (const n of [0, 1]) {
      gates[`m${n}`]?.();
      expect(await statusOf(clients[n] as RawConnection)).toBe(200);
    }
    await place.account('work', ({ inFlight, concurrent }) => inFlight === 2 && concurrent === 2);
    expect(place.provider.asked).toHaveLength(4);
    gates['m2']?.();
    await place.provider.arrived(5);
    expect(marks(place)[4]).toBe('m4');
    for (const n of [3, 4]) gates[`m${n}`]?.();
    expect(await Promise.all(clients.slice(2).map(statusOf))).toEqual([200, 200, 200]);
  });

  test('and is told that a person gave it up, which is no limit of an account', async () => {
    const place = await startWith({ work: 1 });
    gated(place);
    await send(place, 'busy');
    await place.provider.arrived(1);
    const waiting = await hold(place, 'given');
    for (const { id } of place.eventsOf('requestHeld')) place.proxy.endHold(id, 'cancelled');
    const { startLine, body, header } = await waiting.message();
    expect([startLine.split(' ')[1], header('x-should-retry')]).toEqual(['429', 'false']);
    expect(String(body)).not.toMatch(/limited/);
  });

  test('and is told that the proxy stops', async () => {
    const place = await startWith({ work: 1 });
    const gates = gated(place);
    const first = await send(place, 'long');
    await place.provider.arrived(1);
    const second = await hold(place, 'second');
    const cut = place.proxy.drain(60_000);
    expect(await statusOf(second)).toBe(503);
    gates['long']?.();
    expect([await statusOf(first), await cut]).toEqual([200, 0]);
  });
});

describe('in a real instance', () => {
  const home = useInstanceHome();

  test('the number stands in the settings: it counts from the answer on, and after the next start', async () => {
    const provider = await startProvider();
    let instance = await home.start();
    const account = { name: 'work', kind: 'api-key', baseUrl: provider.url, priority: null } as const;
    const key = Buffer.from('sk-ant-api03-work');
    await instance.run('account.add', { ...account, weight: null, force: false }, key);
    const change = { account: 'work', priority: null, weight: null, caps: null, models: null, baseUrl: null };
    expect(await instance.run('account.set', { ...change, concurrent: 1 })).toMatchObject({ concurrent: 1 });
    for (const start of [1, 2]) {
      const { promise, resolve } = Promise.withResolvers<Buffer>();
      provider.answer = () => promise;
      const { host, port } = new URL(instance.bound.url);
      const clients: RawConnection[] = [];
      for (const mark of ['a', 'b']) {
        const client = await connectRaw(Number(port));
        await client.send(askBytes({ host }, { body: marked(mark) }));
        clients.push(client);
      }
      await expect
        .poll(() => instance.store.state().rows.filter((row) => row.kind === 'live' && row.request.heldUntil))
        .toHaveLength(1);
      await provider.arrived(2 * start - 1);
      expect(provider.asked).toHaveLength(2 * start - 1);
      resolve(fine);
      expect(await Promise.all(clients.map(statusOf))).toEqual([200, 200]);
      if (start === 2) break;
      await instance.close();
      instance = await home.start();
    }
    const lifted = await instance.run('account.set', { ...change, concurrent: 0 });
    expect(lifted).not.toHaveProperty('concurrent');
  });
});
