import { describe, expect, it } from 'vitest';
import type { AccountId, AccountRecord } from '../source/shared/types.ts';
import { asEpoch } from '../source/shared/types.ts';
import { startingSession } from '../source/starting-session.ts';
import { priceOf } from '../source/store/prices.ts';
import { createStore, type Store } from '../source/store/store.ts';
import type { Config } from '../source/config/schema.ts';
import type { Session } from '../source/store/session.ts';
import { createFakeClock } from './kit/fake-clock.ts';
import { accountOf } from './ui/sample.ts';

const clock = createFakeClock();
const recordOf = (name: string, priority: number, paused = false): AccountRecord => ({
  id: `id-${name}` as AccountId,
  name,
  kind: 'api-key',
  baseUrl: 'https://api.anthropic.com',
  priority,
  weight: 1,
  paused,
  store: 'vault',
  createdAt: asEpoch(0),
});
const records = [recordOf('last', 300), recordOf('b', 200, true), recordOf('a', 200)];

const start = (
  accounts = records,
  port = 4180,
  instance: Promise<{ run: Session['run'] }> = new Promise(() => {}),
): { store: Store; session: Session } => {
  const store = createStore({ clock, price: priceOf });
  const config = { host: '127.0.0.1', port } as Config;
  return { store, session: startingSession({ store, settings: { config, accounts }, clock, instance }) };
};
const listening = {
  type: 'listening',
  at: clock.now(),
  host: '127.0.0.1',
  port: 4180,
  url: 'http://x:4180',
} as const;

describe('startingSession', () => {
  it('shows the accounts in their order as they are written down, and no address', () => {
    const { session } = start();
    const { accounts, url, expected } = session.state();
    expect(accounts.map(({ name, state }) => [name, state])).toEqual([
      ['a', 'ready'],
      ['b', 'paused'],
      ['last', 'ready'],
    ]);
    expect({ url, expected }).toEqual({ url: null, expected: 'http://127.0.0.1:4180' });
  });

  it('keeps a place for five digits where any free port is asked for', () => {
    expect(start(records, 0).session.state().expected).toMatch(/:\d{5}$/);
  });

  it('keeps the accounts until the first is told of, then shows what is told', () => {
    const { store, session } = start();
    store.apply([listening]);
    expect(session.state()).toMatchObject({ url: 'http://x:4180', accounts: { length: 3 } });
    expect(session.state().expected).toBeUndefined();
    store.apply([{ type: 'accountChanged', at: clock.now(), account: accountOf('a') }]);
    expect(session.state()).toBe(store.state());
    store.apply([{ type: 'accountRemoved', at: clock.now(), account: accountOf('a').id }]);
    expect(session.state().accounts).toEqual([]);
  });

  it('is the same object as long as nothing changes', () => {
    const { store, session } = start();
    const first = session.state();
    expect(session.state()).toBe(first);
    store.apply([{ type: 'logged', at: clock.now(), level: 'info', text: 'new' }]);
    expect(session.state()).not.toBe(first);
  });

  it('lets a command wait for the instance, and fails it when there will be none', async () => {
    const run = (async (name: string) => `did ${name}`) as unknown as Session['run'];
    await expect(start(records, 0, Promise.resolve({ run })).session.run('account.list', {})).resolves.toBe(
      'did account.list',
    );
    const { session } = start(records, 0, Promise.reject(new Error('the port is taken')));
    await expect(session.run('account.list', {})).rejects.toThrow('the port is taken');
  });
});
