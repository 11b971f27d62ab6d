import { afterEach, expect, test } from 'vitest';
import { createFakeClock } from '../kit/fake-clock.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { fixture, now } from '../balancer/sample.ts';
import { answerBytes, ask, endAll, ending, startProxy } from './start-proxy.ts';

afterEach(endAll);

const minute = 60_000;
const refused = answerBytes(429, fixture('unified-rejected-7d').headers, '{"type":"error"}');
const served = answerBytes(200, fixture('unified-allowed').headers, '{}');

/** Two accounts whose weeks are spent, and a provider that may take that back; who was asked. */
const limitedPool = async () => {
  const clock = createFakeClock(now);
  const asked: string[] = [];
  const provider = { relents: false, answer: Promise.resolve() };
  const upstream = ending(
    await startRawUpstream(async (connection) => {
      for (;;) {
        const message = await connection.message(60_000).catch(() => null);
        if (message === null) return;
        asked.push(message.header('x-api-key') ?? '');
        await provider.answer;
        await connection.send(provider.relents ? served : refused);
      }
    }),
  );
  const proxy = await startProxy(
    ['a', 'b'].map((name) => ({ name, url: upstream.url })),
    { clock },
  );
  // The first request finds out that both are limited.
  expect((await ask(proxy)).status).toBe(429);
  expect(asked.splice(0).toSorted()).toEqual(['key-a', 'key-b']);
  return { proxy, clock, asked, provider };
};

test('a pool that is limited as a whole is asked by one request in five minutes for each account, and the others are answered at once', async () => {
  const { proxy, clock, asked } = await limitedPool();
  clock.advance(5 * minute - 1000);
  for (let n = 0; n < 5; n += 1) expect((await ask(proxy)).status).toBe(429);
  expect(asked).toEqual([]);
  clock.advance(1000);
  const crowd = await Promise.all(Array.from({ length: 20 }, () => ask(proxy)));
  expect(crowd.every(({ status }) => status === 429)).toBe(true);
  for (let n = 0; n < 5; n += 1) await ask(proxy);
  expect(asked.splice(0).toSorted()).toEqual(['key-a', 'key-b']);
  clock.advance(60 * minute);
  for (let n = 0; n < 5; n += 1) await ask(proxy);
  expect(asked.toSorted()).toEqual(['key-a', 'key-b']);
});

test('while one request asks, no other does', async () => {
  const { proxy, clock, asked, provider } = await limitedPool();
  clock.advance(5 * minute);
  const { promise, resolve } = Promise.withResolvers<void>();
  provider.answer = promise;
  const first = ask(proxy);
  await expect.poll(() => asked.length).toBe(1);
  for (let n = 0; n < 5; n += 1) expect((await ask(proxy)).status).toBe(429);
  expect(asked).toHaveLength(1);
  resolve();
  expect((await first).status).toBe(429);
});

test('a server that has taken its limit back is found out, and its account serves as before', async () => {
  const { proxy, clock, asked, provider } = await limitedPool();
  provider.relents = true;
  expect((await ask(proxy)).status).toBe(429);
  expect((await ask(proxy, { path: '/v1/messages/count_tokens' })).status).toBe(429);
  clock.advance(5 * minute);
  expect((await ask(proxy, { path: '/v1/messages/count_tokens' })).status).toBe(429);
  expect(asked).toEqual([]);
  for (let n = 0; n < 3; n += 1) expect((await ask(proxy)).status).toBe(200);
  expect(new Set(asked).size).toBe(1);
  await proxy.account(asked[0] === 'key-a' ? 'a' : 'b', ({ state }) => state === 'ready');
});
