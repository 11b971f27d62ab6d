import { afterEach, describe, expect, test } from 'vitest';
import { connectRaw, type Exchange } from '../kit/raw-client.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { marked, startProvider, fine, type Provider } from './provider.ts';
import {
  answerBytes,
  ask,
  askBytes,
  endAll,
  headerOf,
  record,
  startProxy,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const busy = answerBytes(529, { 'content-type': 'application/json' }, '{"type":"error"}');

type Place = TestProxy & { provider: Provider };

/** These accounts at one provider, whose keys are `key-NAME`; all of them are overloaded. */
const startBusy = async (names: readonly string[], clock?: FakeClock): Promise<Place> => {
  const provider = await startProvider();
  provider.answer = () => busy;
  const accounts = names.map((name) => ({ name, url: provider.url }));
  return { ...(await startProxy(accounts, clock ? { clock } : {})), provider };
};

/** Asks, and lets as much time pass as the longest pause has, and no more, once so many attempts have failed. */
const askThroughPause = async (place: Place, clock: FakeClock, failures = 1): Promise<Exchange> => {
  const answer = ask(place);
  await place.awaitEvent('attemptFailed', () => place.eventsOf('attemptFailed').length === failures);
  clock.advance(750);
  return answer;
};

describe('an overloaded account with nobody else ready', () => {
  test('is asked once more in its place, after a pause that counts as waiting', async () => {
    const clock = createFakeClock();
    const place = await startBusy(['work'], clock);
    place.provider.answer = () => (place.provider.asked.length === 1 ? busy : fine);
    // As it goes by, but for what the machine takes away.
    const passing = setInterval(() => clock.advance(10), 10);
    const answer = await ask(place);
    clearInterval(passing);
    expect([answer.status, headerOf(answer, 'x-ccr-attempts')]).toEqual([200, '2']);
    const row = await place.row();
    expect(row.attempts).toMatchObject([
      { account: 'work', status: 529, verdict: 'overloaded' },
      { account: 'work', status: 200, verdict: 'forwarded' },
    ]);
    expect(row.waitMs).toBeGreaterThanOrEqual(250);
    expect(row.waitMs).toBeLessThan(1500);
    expect(row).toMatchObject({ outcome: 'ok', mayHaveRunTwice: false });
  });

  test('is not asked a third time: the client gets its answer, and how long to wait', async () => {
    const clock = createFakeClock();
    const place = await startBusy(['work'], clock);
    const answer = await askThroughPause(place, clock);
    expect([answer.status, String(answer.response?.body)]).toEqual([529, '{"type":"error"}']);
    expect(headerOf(answer, 'retry-after')).toBe('2');
    expect(place.provider.asked).toHaveLength(2);
    // It has just failed, and is a probe from now on.
    await ask(place);
    expect(place.provider.asked).toHaveLength(3);
  });

  test('is asked by one of those who wait; the others get their answer at once', async () => {
    const clock = createFakeClock();
    const place = await startBusy(['work'], clock);
    const asked = Array.from({ length: 20 }, () => ask(place));
    await new Promise<void>((resolve) => {
      let done = 0;
      for (const each of asked) void each.then(() => (done += 1) === 19 && resolve());
    });
    const before = place.provider.asked.length;
    clock.advance(750);
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([529]));
    expect(place.provider.asked).toHaveLength(before + 1);
    expect(answers.map((each) => headerOf(each, 'x-ccr-attempts')).filter((n) => n === '2')).toHaveLength(1);
  });

  test('is not asked again for a client that has left meanwhile', async () => {
    const clock = createFakeClock();
    const place = await startBusy(['work'], clock);
    const client = await connectRaw(place.port);
    await client.send(askBytes(place, { body: marked('leaves') }));
    await place.awaitEvent('attemptFailed');
    clock.advance(100);
    client.reset();
    expect(await place.row()).toMatchObject({ outcome: 'aborted', waitMs: 100, attempts: [{ status: 529 }] });
    clock.advance(5000);
    // Whatever went upstream for the one that left would have come before this.
    await ask(place, { body: marked('next') });
    expect(place.provider.asked.map(({ mark }) => mark)).toEqual(['leaves', 'next']);
    await place.account('work', ({ inFlight }) => inFlight === 0);
  });

  test('is not asked again when another one has become ready: that one is', async () => {
    const clock = createFakeClock();
    const provider = await startProvider();
    provider.answer = (_, key) => (key === 'key-work' ? busy : fine);
    const work = { name: 'work', url: provider.url };
    const other = { name: 'other', url: provider.url, paused: true };
    const place = await startProxy([work, other], { clock });
    const answer = ask(place);
    await place.awaitEvent('attemptFailed');
    place.proxy.setAccounts([work, { ...other, paused: false }].map(record));
    clock.advance(750);
    expect((await answer).status).toBe(200);
    expect((await place.row()).attempts.map(({ account }) => account)).toEqual(['work', 'other']);
  });

  test('is asked once for a batch', async () => {
    const place = await startBusy(['work']);
    const answer = await ask(place, { path: '/v1/messages/batches', body: '{"requests":[]}' });
    expect([answer.status, place.provider.asked.length]).toEqual([529, 1]);
  });

  test('is asked in its place after the other one: three attempts in all', async () => {
    const clock = createFakeClock();
    const place = await startBusy(['a', 'b'], clock);
    const answer = await askThroughPause(place, clock, 2);
    expect([answer.status, headerOf(answer, 'x-ccr-attempts')]).toEqual([529, '3']);
    const accounts = (await place.row()).attempts.map(({ account }) => account);
    expect(accounts[2]).toBe(accounts[1]);
    expect(accounts[1]).not.toBe(accounts[0]);
  });

  test.each([500, 502, 503])('a %i is no overload: it is passed on', async (status) => {
    const place = await startBusy(['work']);
    place.provider.answer = () => answerBytes(status, {}, '{}');
    expect((await ask(place)).status).toBe(status);
    expect(place.provider.asked).toHaveLength(1);
  });
});

describe('what an SDK does, three requests two seconds apart,', () => {
  test.each([
    [1, [2, 3, 4]],
    [2, [3, 4, 5]],
    [3, [3, 4, 5]],
  ])('makes five hits at most over %i overloaded accounts', async (count, hits) => {
    const clock = createFakeClock();
    const place = await startBusy(['a', 'b', 'c'].slice(0, count), clock);
    for (const upTo of hits) {
      const answer = ask(place);
      const before = place.eventsOf('attemptFailed').length;
      // Time passes for whatever pauses.
      const passing = setInterval(() => clock.advance(50), 10);
      expect((await answer).status).toBe(529);
      clearInterval(passing);
      expect(place.provider.asked).toHaveLength(upTo);
      expect(before).toBeLessThan(upTo);
      clock.advance(2000);
    }
  });
});
