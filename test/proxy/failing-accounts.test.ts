import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../kit/fake-clock.ts';
import { inRun } from '../kit/long-run.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { answerBytes, ask, endAll, ending, headerOf, record, startProxy } from './start-proxy.ts';

afterEach(endAll);

const ok = answerBytes(200, {}, '{}');
const error = answerBytes(500, {}, '{"type":"error"}');
const names = ['a', 'b', 'c'];

/** One provider for three accounts, told apart by their keys; what `a` answers the test decides. */
const threeAccounts = async (ofA: () => Promise<Buffer>, clock?: ReturnType<typeof createFakeClock>) => {
  const upstream = ending(
    await startRawUpstream(async (connection) => {
      for (;;) {
        const message = await connection.message(60_000).catch(() => null);
        if (message === null) return;
        await connection.send(message.header('x-api-key') === 'key-a' ? await ofA() : ok);
      }
    }),
  );
  const accounts = names.map((name) => ({ name, url: upstream.url }));
  const options = { config: { strategy: 'spread' as const }, ...(clock ? { clock } : {}) };
  return { ...(await startProxy(accounts, options)), accounts: accounts.map(record) };
};

describe('one of three accounts that fails half of the time', () => {
  test('is left alone after at most five failures, and clients see next to nothing of it', async () => {
    const random = seededRandom(5);
    const clock = createFakeClock();
    let failures = 0;
    let benchedAfter = 0;
    const proxy = await threeAccounts(async () => {
      if (random() < 0.5) return ok;
      failures += 1;
      return error;
    }, clock);
    const count = inRun(300, 1000);
    let served = 0;
    for (let n = 0; n < count; n += 1) {
      clock.advance(100);
      const answer = await ask(proxy);
      if (answer.status === 200) served += 1;
      if (failures === 0 || benchedAfter > 0) continue;
      // Its state comes with the row. At the end of all it may be ready again.
      await proxy.row(n);
      const view = proxy
        .eventsOf('accountChanged')
        .findLast(({ account: { name } }) => name === 'a')?.account;
      if (view?.state === 'benched') benchedAfter = failures;
    }
    expect(benchedAfter).toBeGreaterThan(0);
    expect(benchedAfter).toBeLessThanOrEqual(5);
    expect(served / count).toBeGreaterThanOrEqual(0.99);
  });
});

describe('one of three accounts that always fails', () => {
  test('is left out for longer with its fifth failure, shows that, and is the last resort of nobody', async () => {
    const clock = createFakeClock();
    const hits: number[] = [];
    const proxy = await threeAccounts(async () => (hits.push(1), error), clock);
    // Five failures, one after the other, as often as the budget allows.
    let asked = 0;
    for (; asked < 60 && hits.length < 5; asked += 1) {
      clock.advance(4000);
      expect((await ask(proxy)).status).toBe(200);
    }
    expect(hits).toHaveLength(5);
    const reason = 'left out after 5 failures in a row: failed with a server error';
    await proxy.account('a', (view) => view.state === 'benched' && view.reason === reason);
    await ask(proxy);
    const { decision } = await proxy.row(asked);
    const told = decision?.considered.find(({ account }) => account === 'a')?.verdict;
    expect(told).toMatch(
      /^benched until .*: left out after 5 failures in a row: failed with a server error$/,
    );
    clock.advance(29_000);
    for (let n = 0; n < 6; n += 1) expect((await ask(proxy)).status).toBe(200);
    expect(hits).toHaveLength(5);
  });
});

describe('an account that comes back', () => {
  test('is asked by one request at a time while others can serve', async () => {
    const clock = createFakeClock();
    const answers: Buffer[] = [error];
    let inFlight = 0;
    let most = 0;
    let hits = 0;
    const back = Promise.withResolvers<void>();
    const proxy = await threeAccounts(async () => {
      hits += 1;
      const failing = answers.shift();
      if (failing) return failing;
      inFlight += 1;
      most = Math.max(most, inFlight);
      await back.promise;
      inFlight -= 1;
      return ok;
    }, clock);
    // Each of them once: the one that fails is among them.
    for (let n = 0; n < 3; n += 1) expect((await ask(proxy)).status).toBe(200);
    expect(hits).toBe(1);
    clock.advance(1500);
    const asked = Array.from({ length: 30 }, () => ask(proxy));
    // All but the one that asks it are served by the others.
    let done = 0;
    await new Promise<void>((resolve) => {
      for (const each of asked) {
        void each.then(() => {
          done += 1;
          if (done === 29) resolve();
        });
      }
    });
    expect([most, hits]).toEqual([1, 2]);
    back.resolve();
    const all = await Promise.all(asked);
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(all.filter((answer) => headerOf(answer, 'x-ccr-account') === 'a')).toHaveLength(1);
  });

  test('and is the last one is asked by everybody: it is never left out for its failures', async () => {
    const clock = createFakeClock();
    const answers: Buffer[] = [error];
    const proxy = await threeAccounts(async () => answers.shift() ?? ok, clock);
    proxy.proxy.setAccounts(proxy.accounts.slice(0, 1));
    expect((await ask(proxy)).status).toBe(500);
    clock.advance(1500);
    const all = await Promise.all(Array.from({ length: 10 }, () => ask(proxy)));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
  });
});
