import { expect, test } from 'vitest';
import { CcrError } from '../../source/shared/errors.ts';
import type { Commander } from '../../source/shared/session.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { createSession } from '../../source/store/session.ts';
import { createStore } from '../../source/store/store.ts';
import { started } from './samples.ts';

const clock = { now: () => asEpoch(1000), monotonic: () => 0 };

test('a session shows the state it was given, now and after each change', () => {
  const store = createStore({ clock, price: priceOf });
  const session = createSession(store, { run: () => Promise.reject(new Error('not asked')) });
  let seen = -1;
  const end = session.subscribe(() => {
    seen = session.state().seen;
  });
  store.apply([started(1)]);
  expect(seen).toBe(1);
  expect(session.state()).toBe(store.state());
  end();
  store.apply([started(2)]);
  expect(seen).toBe(1);
});

test('commands reach the commander with their arguments and secret, and its errors come back', async () => {
  const asked: unknown[] = [];
  const commander = {
    run: (...call: unknown[]) => {
      asked.push(call);
      return Promise.reject(new CcrError('unknown_account', 'no account is called x'));
    },
  } as Commander;
  const session = createSession(createStore({ clock, price: priceOf }), commander);
  const secret = new Uint8Array([1]);
  await expect(session.run('account.pause', { account: 'x' }, secret)).rejects.toMatchObject({
    code: 'unknown_account',
  });
  expect(asked).toEqual([['account.pause', { account: 'x' }, secret]]);
});
