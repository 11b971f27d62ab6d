import { expect, test } from 'vitest';
import { createOwnLoginStore } from '../../source/credentials/own-login-store.ts';
import { Secret } from '../../source/shared/secret.ts';
import { heldOf, hour, loginOf, loginPlace, loginRecord } from './login-place.ts';

const record = loginRecord('work');
const renewed = { accessToken: 'new-access-token', refreshToken: 'new-refresh-token' };

test('what is written is read again, bound to the host of the account', async () => {
  const place = await loginPlace();
  const store = place.storeOf(record);
  expect(await store.read()).toBeNull();
  const grant = await place.signIn(record, hour);
  expect(heldOf(await store.read())).toEqual({ ...grant, expiresAt: place.clock.now() + hour });
  await store.write(loginOf(renewed, 5000));
  expect(heldOf(await place.storeOf(record).read())).toEqual({ ...renewed, expiresAt: 5000 });
  expect((await place.keeper.get(record.id, 'vault'))?.reveal()).toMatch(/^https:\/\/api\.example \{/);
  await expect(place.storeOf({ ...record, baseUrl: 'https://evil.example' }).read()).rejects.toThrow(
    'was given for https://api.example',
  );
});

test('it goes to the store of the record, whatever new secrets would go to', async () => {
  const place = await loginPlace();
  const inMemory = loginRecord('work', 'memory');
  await place.storeOf(inMemory).write(loginOf(renewed, null));
  expect(await place.keeper.get(record.id, 'vault')).toBeNull();
  expect(heldOf(await place.storeOf(inMemory).read())).toMatchObject(renewed);
});

test('a store that says yes and keeps the old one did not take it', async () => {
  const place = await loginPlace();
  const text = new Secret(
    JSON.stringify({ accessToken: 'old-access-token', refreshToken: 'old-refresh-token' }),
  );
  const keeper = { renew: async () => undefined, get: async () => text };
  const store = createOwnLoginStore({ record, keeper, paths: place.paths });
  await expect(store.write(loginOf(renewed, null))).rejects.toMatchObject({
    code: 'store_unavailable',
    message: 'the vault did not keep the renewed login',
  });
});

test('one works at a time, and others wait their turn', async () => {
  const place = await loginPlace();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await place.storeOf(record).read();
    log.push(`${name} ends`);
  };
  await Promise.all([
    place.storeOf(record).exclusively(work('one')),
    place.storeOf(record).exclusively(work('other')),
  ]);
  expect(log.map((line) => line.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends']);
});
