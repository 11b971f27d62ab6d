import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { HttpMessage } from '../kit/http-bytes.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { clientKey } from './client-key.ts';
import { fine, hold, send, spent, startProvider, type Provider } from './provider.ts';
import {
  accountId,
  askBytes,
  endAll,
  record,
  startProxy,
  testConfig,
  type TestConfig,
  type TestProxy,
} from './start-proxy.ts';
import { Secret } from '../../source/shared/secret.ts';

afterEach(endAll);

const minute = 60_000;

type Place = TestProxy & { provider: Provider; clock: FakeClock; limitedUntil: number };

/** A proxy whose accounts are limited for a minute: the first request has found that out. */
const startLimited = async (config: TestConfig = { holdMs: 120_000 }, names = ['work']): Promise<Place> => {
  const provider = await startProvider();
  const clock = createFakeClock();
  const limitedUntil = clock.now() + minute;
  provider.answer = () => spent(limitedUntil);
  const accounts = names.map((name) => ({ name, url: provider.url }));
  const keeper = { get: async () => new Secret('key') };
  const proxy = await startProxy(accounts, { config: { ...config, holdMs: 0 }, clock, keeper });
  const place = { ...proxy, provider, clock, limitedUntil };
  expect((await (await send(place, 'first')).message()).startLine).toContain(' 429 ');
  proxy.proxy.setConfig(testConfig(config));
  provider.answer = () => fine;
  return place;
};

const statusOf = ({ startLine }: HttpMessage): number => Number(startLine.split(' ')[1]);
const marks = ({ provider }: Place): string[] => provider.asked.map(({ mark }) => mark).slice(1);

describe('while all accounts are limited', () => {
  test('a request waits without a byte to anybody, and goes on when the first limit has passed', async () => {
    const place = await startLimited();
    const client = await hold(place, 'a');
    const [held] = place.eventsOf('requestHeld');
    expect(held?.until).toBe(place.limitedUntil);
    expect(held?.decision?.considered).toEqual([
      { account: 'work', verdict: expect.stringMatching(/^limited until \S+Z by 5h \(header, /) },
    ]);
    place.clock.advance(minute - 1000);
    await new Promise((resolve) => void setTimeout(resolve, 150));
    expect([client.received().length, marks(place)]).toEqual([0, []]);
    place.clock.advance(1001);
    const answer = await client.message();
    expect([statusOf(answer), answer.header('x-ccr-attempts')]).toEqual([200, '1']);
    expect(await place.row(1)).toMatchObject({
      outcome: 'ok',
      waitMs: minute + 1,
      attempts: [{ verdict: 'forwarded' }],
    });
    client.reset();
  });

  test('one that its account has just refused waits too, and is asked again for free', async () => {
    const place = await startLimited({ holdMs: 120_000 }, ['a', 'b']);
    place.clock.advance(minute + 1);
    place.provider.answer = () => spent(place.clock.now() + minute);
    const client = await hold(place, 'again');
    expect(marks(place)).toEqual(['first', 'again', 'again']);
    place.provider.answer = () => fine;
    place.clock.advance(minute + 1);
    expect(statusOf(await client.message())).toBe(200);
    const { attempts } = await place.row(1);
    expect(attempts.map(({ verdict }) => verdict)).toEqual(['limited', 'limited', 'forwarded']);
    client.reset();
  });

  test('it gets the 429 that its account sent, byte for byte, when its time is over', async () => {
    const place = await startLimited({ holdMs: 30_000 });
    place.clock.advance(minute + 1);
    const resetsAt = place.clock.now() + minute;
    place.provider.answer = () => spent(resetsAt, '{"said":"by the provider"}');
    const client = await hold(place, 'a');
    expect(place.eventsOf('requestHeld')[0]?.until).toBe(place.clock.now() + 30_000);
    place.clock.advance(30_001);
    const answer = await client.message();
    expect([statusOf(answer), String(answer.body)]).toEqual([429, '{"said":"by the provider"}']);
    expect(answer.header('retry-after')).toBe('30');
    expect(await place.row(1)).toMatchObject({ outcome: 'error', status: 429, waitMs: 30_001 });
    await place.account('work', ({ inFlight }) => inFlight === 0);
    client.reset();
  });

  test('and the 429 of the proxy when none was sent', async () => {
    const place = await startLimited({ holdMs: 30_000 });
    const client = await hold(place, 'a');
    place.clock.advance(30_001);
    const answer = await client.message();
    expect([statusOf(answer), answer.header('x-ccr-error')]).toEqual([429, 'all_limited']);
    expect([answer.header('retry-after'), marks(place)]).toEqual(['30', []]);
    expect(await place.row(1)).toMatchObject({ outcome: 'rejected', waitMs: 30_001, attempts: [] });
    client.reset();
  });

  test('that it goes on is told when the rest takes its time', async () => {
    const place = await startLimited();
    await hold(place, 'a');
    place.provider.answer = () => new Promise(() => {});
    place.clock.advance(minute + 1);
    const { id, waitMs } = await place.awaitEvent('requestReleased');
    expect([id, waitMs]).toEqual([place.eventsOf('requestHeld')[0]?.id, minute + 1]);
    const chosen = await place.awaitEvent('accountChosen', (event) => event.id === id);
    expect(chosen).toMatchObject({ accountName: 'work', attempt: 1 });
  });

  test('the time that the client states is kept, less what its answer needs', async () => {
    const place = await startLimited();
    await hold(place, 'a', { 'x-stainless-timeout': '50' });
    expect(place.eventsOf('requestHeld')[0]?.until).toBe(place.clock.now() + 20_000);
  });
});

test('a key may have a time of its own, whatever the setting says', async () => {
  const pepper = randomBytes(32);
  const keys = [60_000, 0].map((holdMs) => ({ holdMs, key: newClientKey().reveal() }));
  const records = keys.map(({ holdMs, key }) => clientKey(pepper, key, { holdMs }));
  const provider = await startProvider();
  const clock = createFakeClock();
  provider.answer = () => spent(clock.now() + minute);
  const accounts = [{ name: 'work', url: provider.url }];
  const given = { records, loadPepper: async () => pepper };
  const proxy = await startProxy(accounts, { clock, keys: given, config: { holdMs: 0 } });
  const [patient, hurried] = keys.map(({ key }) => ({ 'x-api-key': key }));
  await send(proxy, 'a', patient);
  const { until } = await proxy.awaitEvent('requestHeld');
  expect(until).toBe(clock.now() + minute);
  proxy.proxy.setConfig(testConfig({ holdMs: 120_000 }));
  expect(statusOf(await (await send(proxy, 'b', hurried)).message())).toBe(429);
  expect(proxy.eventsOf('requestHeld')).toHaveLength(1);
});

describe('a request is not held', () => {
  test('without the setting, or for a client in a hurry', async () => {
    const off = await startLimited({ holdMs: 0 });
    expect(statusOf(await (await send(off, 'a')).message())).toBe(429);
    const place = await startLimited();
    const hurried = await send(place, 'b', { 'x-stainless-timeout': '30' });
    expect(statusOf(await hurried.message())).toBe(429);
    expect([off, place].flatMap((each) => each.eventsOf('requestHeld'))).toEqual([]);
  });

  test('when there is no account, or none that is only limited', async () => {
    const place = await startLimited();
    place.proxy.setAccounts([record({ name: 'work', url: place.provider.url, paused: true })]);
    expect(statusOf(await (await send(place, 'a')).message())).toBe(503);
    place.proxy.setAccounts([]);
    expect(statusOf(await (await send(place, 'b')).message())).toBe(503);
    expect(place.eventsOf('requestHeld')).toEqual([]);
  });

  test('when 64 are held already', async () => {
    const place = await startLimited();
    const clients = await Promise.all(Array.from({ length: 64 }, (_, n) => send(place, `m${n}`)));
    await place.awaitEvent('requestHeld', () => place.eventsOf('requestHeld').length === 64);
    expect(statusOf(await (await send(place, 'more')).message())).toBe(429);
    clients[0]?.reset();
    await place.row(2);
    await hold(place, 'fits');
  });

  test('when the bodies of those that are held have 64 MiB', async () => {
    const place = await startLimited();
    const large = JSON.stringify({ model: 'm', text: 'x'.repeat(30 * 1_048_576) });
    const bytes = askBytes(place, { body: large });
    for (let n = 1; n <= 2; n += 1) {
      await (await connectRaw(place.port)).send(bytes);
      await place.awaitEvent('requestHeld', () => place.eventsOf('requestHeld').length === n);
    }
    const third = await connectRaw(place.port);
    await third.send(bytes);
    expect(statusOf(await third.message())).toBe(429);
    await hold(place, 'small');
  });
});

describe('what is held goes on', () => {
  test('in the order in which it came, one request at a time to an account that has just become free', async () => {
    const place = await startLimited();
    const clients: RawConnection[] = [];
    for (const mark of ['a', 'b', 'c']) {
      clients.push(await hold(place, mark));
      place.clock.advance(1);
    }
    const gates = ['a', 'b', 'c'].map(() => Promise.withResolvers<void>());
    place.provider.answer = async (mark) => {
      await gates['abc'.indexOf(mark)]?.promise;
      return fine;
    };
    place.clock.advance(minute);
    for (const n of [0, 1, 2]) {
      await place.provider.arrived(n + 2);
      // Nobody else goes before this one has its answer.
      await new Promise((resolve) => void setTimeout(resolve, 250));
      expect(marks(place)).toEqual(['a', 'b', 'c'].slice(0, n + 1));
      gates[n]?.resolve();
      expect(statusOf((await clients[n]?.message()) as HttpMessage)).toBe(200);
    }
  });

  test('without a verdict the next one follows after a quarter of a second', async () => {
    const place = await startLimited();
    await hold(place, 'a');
    await hold(place, 'b');
    place.provider.answer = () => new Promise(() => {});
    place.clock.advance(minute + 1);
    await place.provider.arrived(2);
    place.clock.advance(250);
    await place.provider.arrived(3);
    expect(new Set(marks(place))).toEqual(new Set(['a', 'b']));
  });

  test('not before its account has shown that it serves: of one that is still limited they all wait on', async () => {
    const place = await startLimited();
    const clients = [await hold(place, 'a'), await hold(place, 'b')];
    const until = place.clock.now() + 10 * minute;
    place.provider.answer = () => spent(until);
    place.clock.advance(minute + 1);
    await place.awaitEvent('requestHeld', () => place.eventsOf('requestHeld').length === 3);
    expect(marks(place)).toEqual(['a']);
    place.provider.answer = () => fine;
    place.clock.advance(minute);
    // Their time began with their first wait.
    expect(statusOf(await (clients[1] as RawConnection).message())).toBe(429);
    expect(statusOf(await (clients[0] as RawConnection).message())).toBe(429);
  });

  test('when an account is added, or resumed', async () => {
    const place = await startLimited({ holdMs: 120_000 }, ['work', 'spare']);
    const [work, spare] = ['work', 'spare'].map((name) => record({ name, url: place.provider.url }));
    if (!work || !spare) throw new Error('there are two');
    place.proxy.setAccounts([work]);
    const client = await hold(place, 'a');
    place.proxy.setAccounts([work, { ...spare, id: accountId('other'), name: 'other', paused: true }]);
    place.proxy.setAccounts([work, { ...spare, id: accountId('other'), name: 'other' }]);
    expect(statusOf(await client.message())).toBe(200);
    expect((await place.row(1)).account).toBe('other');
  });

  test('as what it would be by now: without any account it is refused', async () => {
    const place = await startLimited();
    const client = await hold(place, 'a');
    place.proxy.setAccounts([]);
    expect(statusOf(await client.message())).toBe(503);
  });
});

describe('a hold is ended', () => {
  test('first of all when the proxy stops, which does not wait for it', async () => {
    const place = await startLimited();
    const client = await hold(place, 'a');
    const cut = place.proxy.drain(60_000);
    const answer = await client.message();
    expect([statusOf(answer), answer.header('x-ccr-error')]).toEqual([503, 'shutting_down']);
    expect(await cut).toBe(0);
  });

  test.each([
    ['over', null],
    ['cancelled', 'false'],
  ] as const)('by a person (%s): answered at once', async (how, shouldRetry) => {
    const place = await startLimited();
    const client = await hold(place, 'a');
    const id = place.eventsOf('requestHeld')[0]?.id;
    expect(id).toBeDefined();
    if (id) place.proxy.endHold(id, how);
    const answer = await client.message();
    expect([statusOf(answer), answer.header('x-ccr-error')]).toEqual([429, 'all_limited']);
    expect(answer.header('x-should-retry') ?? null).toBe(shouldRetry);
    expect(await place.row(1)).toMatchObject({ outcome: 'rejected', status: 429 });
    client.reset();
  });
});
