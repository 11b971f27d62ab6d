import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { fine, marked, spent, startProvider, type Provider } from './provider.ts';
import {
  askBytes,
  endAll,
  ending,
  record,
  startProxy,
  type TestAccount,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

type Place = TestProxy & {
  provider: Provider;
  clock: FakeClock;
  /** How many requests have come to that account. */
  hits(name: string): number;
};

const sessions = Array.from({ length: 50 }, (_, n) => `s${n}`);

const send = async (place: TestProxy, session: string, path = '/v1/messages'): Promise<RawConnection> => {
  const client = await connectRaw(place.port);
  const headers = { 'x-claude-code-session-id': session };
  await client.send(askBytes(place, { path, headers, body: marked(session) }));
  return client;
};

const served = async (client: RawConnection): Promise<number> => {
  const { startLine } = await client.message();
  client.end();
  return Number(startLine.split(' ')[1]);
};

/**
 * Fifty conversations at the account `first`, which is at its limit from now on, and says so when that many requests have
 * come to it; and these others.
 */
const startStorm = async (others: readonly string[], meeting = 50): Promise<Place> => {
  const provider = await startProvider();
  const clock = createFakeClock();
  const accounts: TestAccount[] = ['first', ...others].map((name, n) => ({
    name,
    url: provider.url,
    priority: n + 1,
    paused: n > 0,
  }));
  const proxy = await startProxy(accounts, { clock });
  const place = {
    ...proxy,
    provider,
    clock,
    hits: (name: string) => provider.asked.filter(({ key }) => key === `key-${name}`).length,
  };
  const begun = await Promise.all(sessions.map((session) => send(place, session)));
  expect(new Set(await Promise.all(begun.map(served)))).toEqual(new Set([200]));
  proxy.proxy.setAccounts(accounts.map((account) => record({ ...account, paused: false })));
  place.provider.answer = limitedAt(place, ['first'], meeting);
  return place;
};

/** Answers of these accounts are refusals, those of the first when so many requests have come to it. */
const limitedAt = (place: Place, names: readonly string[], meeting: number): Provider['answer'] => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const refusal = spent(place.clock.now() + 3_600_000);
  let met = 0;
  return async (_, key) => {
    const name = key.slice('key-'.length);
    if (name === 'first') {
      met += 1;
      if (met === meeting) resolve();
      await promise;
    }
    return names.includes(name) ? refusal : fine;
  };
};

/** Sends a request of the conversation, and waits until it is known to the proxy. */
const sendKnown = async (place: Place, session: string): Promise<RawConnection> => {
  place.clock.advance(1);
  const at = place.clock.now();
  const client = await send(place, session);
  // What is under way is told with the next batch.
  const looking = setInterval(() => place.proxy.log('info', 'a batch goes'), 20);
  await place.awaitEvent('requestStarted', (event) => event.at === at && event.session === session);
  clearInterval(looking);
  return client;
};

/** Waits until so many requests were refused. */
const refused = async (place: Place, count: number): Promise<unknown> =>
  place.awaitEvent('attemptFailed', () => place.eventsOf('attemptFailed').length >= count);

/** From now on what comes to the account stays under way until the returned function is called. */
const keepBusy = ({ provider }: Place, name: string): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { answer } = provider;
  provider.answer = async (mark, key) => {
    if (key === `key-${name}`) await promise;
    return answer(mark, key);
  };
  ending({ close: async () => resolve() });
  return resolve;
};

const arrived = async (place: Place, name: string, count: number): Promise<number> => {
  const before = place.provider.asked.length - place.hits(name);
  for (let most = before + count; place.hits(name) < count; most += 1) await place.provider.arrived(most);
  return place.hits(name);
};

describe('fifty conversations at the moment of a limit', () => {
  test('come to their new account one by one for a second: one, and one more each quarter of it', async () => {
    const place = await startStorm(['second', 'third']);
    const release = keepBusy(place, 'second');
    const start = place.clock.monotonic();
    const clients = await Promise.all(sessions.map((session) => send(place, session)));
    await refused(place, 50);
    const underWay = [await arrived(place, 'second', 1)];
    for (const count of [2, 3, 4]) {
      place.clock.advance(250);
      underWay.push(await arrived(place, 'second', count));
    }
    place.clock.advance(200);
    underWay.push(await arrived(place, 'second', 50));
    expect([underWay, place.clock.monotonic() - start]).toEqual([[1, 2, 3, 4, 50], 950]);
    release();
    expect(new Set(await Promise.all(clients.map(served)))).toEqual(new Set([200]));
    expect(place.hits('third')).toBe(0);
    const rows = await Promise.all(sessions.map((_, n) => place.row(50 + n)));
    const waits = rows.map(({ waitMs }) => waitMs).toSorted((a, b) => a - b);
    expect(waits.slice(0, 5)).toEqual([0, 250, 500, 750, 950]);
    expect(new Set(waits.slice(4))).toEqual(new Set([950]));
    expect(new Set(rows.map(({ decision }) => decision?.affinity))).toEqual(new Set(['moved']));
  });

  test('do not wait where the first ones are answered: each goes when the one before has', async () => {
    const place = await startStorm(['second', 'third']);
    const clients = await Promise.all(sessions.map((session) => send(place, session)));
    expect(new Set(await Promise.all(clients.map(served)))).toEqual(new Set([200]));
    expect(place.hits('second')).toBe(50);
  });

  test('do not storm one that is at its limit, too: those that come after go on to the next', async () => {
    const place = await startStorm(['second', 'third', 'fourth']);
    place.provider.answer = limitedAt(place, ['first', 'second'], 50);
    const clients = await Promise.all(sessions.map((session) => send(place, session)));
    expect(new Set(await Promise.all(clients.map(served)))).toEqual(new Set([200]));
    expect([place.hits('second'), place.hits('third')]).toEqual([1, 50]);
  });

  test('come at once to the last account that is left', async () => {
    const place = await startStorm(['second']);
    const release = keepBusy(place, 'second');
    const clients = await Promise.all(sessions.map((session) => send(place, session)));
    expect(await arrived(place, 'second', 50)).toBe(50);
    release();
    await Promise.all(clients.map(served));
    const rows = await Promise.all(sessions.map((_, n) => place.row(50 + n)));
    expect(new Set(rows.map(({ waitMs }) => waitMs))).toEqual(new Set([0]));
  });
});

describe('while an account is spared', () => {
  test('new conversations, questions how long one is, and its own conversations come to it at once', async () => {
    const place = await startStorm(['second', 'third'], 1);
    const release = keepBusy(place, 'second');
    const clients = [await send(place, 's0'), await send(place, 's1')];
    await arrived(place, 'second', 1);
    clients.push(await send(place, 'new'), await send(place, 's2', '/v1/messages/count_tokens'));
    expect(await arrived(place, 'second', 3)).toBe(3);
    expect(
      place.provider.asked
        .slice(-2)
        .map(({ mark }) => mark)
        .toSorted(),
    ).toEqual(['new', 's2']);
    release();
    await Promise.all(clients.map(served));
  });

  test('a client that leaves while it waits costs nothing', async () => {
    const place = await startStorm(['second', 'third'], 1);
    const release = keepBusy(place, 'second');
    const first = await send(place, 's0');
    await arrived(place, 'second', 1);
    const left = await sendKnown(place, 's1');
    place.clock.advance(100);
    left.reset();
    const row = await place.row(50);
    expect(row).toMatchObject({ session: 's1', outcome: 'aborted', status: null, waitMs: 100 });
    release();
    expect(await served(first)).toBe(200);
    expect(place.provider.asked.filter(({ mark, key }) => mark === 's1' && key === 'key-second')).toEqual([]);
    await place.account('second', ({ inFlight }) => inFlight === 0);
  });

  test('their next requests within half a minute count as those of a storm, and later ones do not', async () => {
    const place = await startStorm(['second', 'third'], 1);
    const clients = await Promise.all(['s0', 's1', 's2'].map((session) => send(place, session)));
    await Promise.all(clients.map(served));
    const release = keepBusy(place, 'second');
    const next = [await send(place, 's0')];
    await arrived(place, 'second', 4);
    next.push(await sendKnown(place, 's1'));
    place.clock.advance(950);
    await arrived(place, 'second', 5);
    place.clock.advance(30_000);
    next.push(await send(place, 's2'));
    await arrived(place, 'second', 6);
    release();
    await Promise.all(next.map(served));
    const rows = await Promise.all([53, 54, 55].map((n) => place.row(n)));
    expect(Object.fromEntries(rows.map(({ session, waitMs }) => [session, waitMs]))).toEqual({
      s0: 0,
      s1: 950,
      s2: 0,
    });
  });
});
