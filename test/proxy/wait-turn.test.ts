import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../source/shared/secret.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { fine, pace, send, spent, startProvider, type Provider } from './provider.ts';
import { askBytes, endAll, startProxy, type TestConfig, type TestProxy } from './start-proxy.ts';

afterEach(endAll);

type Place = TestProxy & { provider: Provider; clock: FakeClock; resetsAt: number };

/** Accounts with room whose keys are their names. */
const startPaced = async (names: readonly string[], config: TestConfig = {}): Promise<Place> => {
  const provider = await startProvider();
  const clock = createFakeClock();
  const keeper = { get: async (id: string) => new Secret(id.slice('id-'.length)) };
  const accounts = names.map((name) => ({ name, url: provider.url }));
  const proxy = await startProxy(accounts, { config, clock, keeper });
  return { ...proxy, provider, clock, resetsAt: clock.now() + 3_600_000 };
};

const session = { 'x-claude-code-session-id': 's' };

/** Serves the conversation once, by the account that is told. */
const begin = async (place: Place): Promise<string> => {
  const client = await send(place, 'begins', session);
  expect((await client.message()).startLine).toContain(' 200 ');
  client.reset();
  return place.provider.asked[0]?.key ?? '';
};

describe('an account that only asks to slow down', () => {
  test('keeps its conversation, which waits although another account is free', async () => {
    const place = await startPaced(['a', 'b']);
    const home = await begin(place);
    place.provider.answer = () => pace(3, place.resetsAt);
    const client = await send(place, 'paced', session);
    const { until } = await place.awaitEvent('requestHeld');
    expect(until).toBe(place.clock.now() + 3000);
    place.provider.answer = () => fine;
    place.clock.advance(3001);
    expect((await client.message()).startLine).toContain(' 200 ');
    expect(place.provider.asked.map(({ key }) => key)).toEqual([home, home, home]);
    const row = await place.row(1);
    expect(row).toMatchObject({ account: home, waitMs: 3001, mayHaveRunTwice: false });
    expect(row.attempts.map(({ verdict }) => verdict)).toEqual(['pacing', 'forwarded']);
    expect(row.decision?.affinity).toBe('warm');
  });

  test('keeps further requests of the conversation, too, without asking', async () => {
    const place = await startPaced(['a', 'b']);
    const home = await begin(place);
    place.provider.answer = (_, key) => (key === home ? pace(3, place.resetsAt) : fine);
    await send(place, 'first', session);
    await place.awaitEvent('requestHeld');
    const second = await send(place, 'second', session);
    await place.awaitEvent('requestHeld', () => place.eventsOf('requestHeld').length === 2);
    expect(place.provider.asked).toHaveLength(2);
    place.provider.answer = () => fine;
    place.clock.advance(3001);
    expect((await second.message()).startLine).toContain(' 200 ');
    expect(new Set(place.provider.asked.map(({ key }) => key))).toEqual(new Set([home]));
  });

  test('loses a request that belongs to no conversation at once to one that is free', async () => {
    const place = await startPaced(['a', 'b']);
    place.provider.answer = (_, key) => (key === 'a' ? pace(3, place.resetsAt) : fine);
    const client = await send(place, 'alone');
    expect((await client.message()).startLine).toContain(' 200 ');
    expect(place.eventsOf('requestHeld')).toEqual([]);
    expect(await place.row()).toMatchObject({ account: 'b', waitMs: 0 });
  });

  test('is waited for by everybody when it is the only one, who then come one after the other', async () => {
    const place = await startPaced(['a']);
    place.provider.answer = () => pace(2, place.resetsAt);
    const clients = [await send(place, 'x')];
    await place.awaitEvent('requestHeld');
    for (const mark of ['y', 'z']) clients.push(await send(place, mark));
    await place.awaitEvent('requestHeld', () => place.eventsOf('requestHeld').length === 3);
    let atOnce = 0;
    let most = 0;
    place.provider.answer = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => void setTimeout(resolve, 30));
      atOnce -= 1;
      return fine;
    };
    place.clock.advance(2001);
    for (const client of clients) expect((await client.message()).startLine).toContain(' 200 ');
    expect([most, place.provider.asked.length]).toEqual([1, 4]);
  });

  test('is not asked more than three times for one request', async () => {
    const place = await startPaced(['a']);
    place.provider.answer = () => pace(2, place.resetsAt);
    const client = await send(place, 'x');
    for (const count of [1, 2]) {
      await place.awaitEvent('requestHeld', () => place.eventsOf('requestHeld').length === count);
      place.clock.advance(2001);
      await place.provider.arrived(count + 1);
    }
    const answer = await client.message();
    expect([answer.startLine, String(answer.body)]).toEqual([
      'HTTP/1.1 429 Too Many Requests',
      '{"type":"error"}',
    ]);
    expect(place.provider.asked).toHaveLength(3);
    expect(await place.row()).toMatchObject({ outcome: 'error', waitMs: 4002 });
  });

  test('is not waited for longer than ten seconds, nor than the client does', async () => {
    const place = await startPaced(['a', 'b']);
    const home = await begin(place);
    place.provider.answer = (_, key) => (key === home ? pace(11, place.resetsAt) : fine);
    const long = await send(place, 'long', session);
    expect((await long.message()).startLine).toContain(' 200 ');
    const other = await startPaced(['a', 'b']);
    const place2 = await begin(other);
    other.provider.answer = (_, key) => (key === place2 ? pace(3, other.resetsAt) : fine);
    const hurried = await send(other, 'hurried', { ...session, 'x-stainless-timeout': '30' });
    expect((await hurried.message()).startLine).toContain(' 200 ');
    expect([...place.eventsOf('requestHeld'), ...other.eventsOf('requestHeld')]).toEqual([]);
  });

  test('and then reaches its limit lets the conversation go to another one', async () => {
    const place = await startPaced(['a', 'b']);
    const home = await begin(place);
    place.provider.answer = (_, key) => (key === home ? pace(3, place.resetsAt) : fine);
    const client = await send(place, 'paced', session);
    await place.awaitEvent('requestHeld');
    place.provider.answer = (_, key) => (key === home ? spent(place.resetsAt) : fine);
    place.clock.advance(3001);
    expect((await client.message()).startLine).toContain(' 200 ');
    const { attempts } = await place.row(1);
    expect(attempts.map(({ verdict }) => verdict)).toEqual(['pacing', 'limited', 'forwarded']);
  });

  test('does not keep a batch, which is sent once', async () => {
    const place = await startPaced(['a']);
    place.provider.answer = () => pace(2, place.resetsAt);
    const client = await connectRaw(place.port);
    await client.send(askBytes(place, { path: '/v1/messages/batches', body: '{"requests":[]}' }));
    expect((await client.message()).startLine).toContain(' 429 ');
    expect(place.provider.asked).toHaveLength(1);
  });
});
