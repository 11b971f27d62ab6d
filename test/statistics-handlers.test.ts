import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Upstream } from '../source/demo/upstream.ts';
import { statisticsHandlers } from '../source/statistics-handlers.ts';
import type { Statistics } from '../source/shared/statistics.ts';
import { ask, sdkFor } from './e2e/world.ts';
import { accountSecret, givenAccount, newAccount } from './kit/given-account.ts';
import { createFakeClock } from './kit/fake-clock.ts';
import { useInstanceHome } from './kit/instance-home.ts';
import { createStore } from '../source/store/store.ts';
import { finished, started } from './store/samples.ts';

const home = useInstanceHome();
let upstream: Upstream;
givenAccount((started) => {
  upstream = started;
});

const day = { slotMs: 3_600_000, slots: 24 };

const serve = async () => {
  const instance = await home.start();
  const add = { ...newAccount, baseUrl: upstream.url };
  await instance.run('account.add', add, accountSecret());
  await sdkFor(instance.bound.url).messages.create(ask('hello'));
  return instance;
};

describe('statistics of an instance', () => {
  it('say of how many requests they are without a history: of those that have ended', async () => {
    const store = createStore({ clock: createFakeClock(), price: () => null });
    store.apply([finished(1), finished(2), started(3)]);
    const history = { status: () => ({ ok: false, reason: 'full' }), statistics: () => expect.fail('asked') };
    const { statistics } = statisticsHandlers({ clock: createFakeClock(), store, history });
    expect(await statistics(day, null)).toMatchObject({
      note: 'history off (full): only the newest 2 requests',
    });
  });

  it('are those of its history, for its own screen and over the socket', async () => {
    const instance = await serve();
    const asked = async (): Promise<Statistics> => instance.run('statistics', day);
    await expect.poll(async () => (await asked()).total.requests, { timeout: 10_000 }).toBe(1);
    const own = await asked();
    expect(own.slots).toHaveLength(24);
    expect(own.slots.at(-1)).toEqual(own.total);
    expect(own.accounts.map(({ key }) => key)).toEqual(['work']);
    for (const [row] of [own.accounts, own.models]) {
      expect(row?.slots.map((slot) => slot?.requests)).toEqual(own.slots.map(({ requests }) => requests));
    }
    expect(own.note).toBeNull();
    const client = await home.connect();
    expect(await client.run('statistics', day)).toEqual(own);
  });

  it('are those in memory while the history is off, which is said', async () => {
    // A folder in its place is one that cannot be written.
    for (const name of readdirSync(home.path)) if (name.startsWith('history')) rmSync(`${home.path}/${name}`);
    mkdirSync(home.paths.history, { recursive: true });
    const instance = await serve();
    const note = async () => (await instance.run('statistics', day)).note;
    await expect
      .poll(note, { timeout: 10_000 })
      .toMatch(/^history off \(.*it is a folder.*\): only the newest 1 request/);
    const requests = async () => (await instance.run('statistics', day)).total.requests;
    await expect.poll(requests, { timeout: 10_000 }).toBe(1);
  });
});
