import { expect, test } from 'vitest';
import { openClientKeys } from '../../source/commands/client-key.ts';
import { openKeyRing } from '../../source/commands/key-ring.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { keyPattern, unlimited } from '../../source/shared/client-key.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const open = () => {
  const { context } = home.context();
  return { keys: openClientKeys(context), ring: openKeyRing(context) };
};

test('a program gets a key without limits that asks nobody else for one, and a new one in its place', async () => {
  const { keys, ring } = open();
  const first = await keys.mint('claude-code');
  const second = await keys.mint('claude-code');
  expect(second.reveal()).toMatch(keyPattern);
  expect(second.reveal()).not.toBe(first.reveal());
  expect(await ring.list()).toMatchObject([{ name: 'claude-code', kind: 'connect', limits: unlimited }]);
  const user = { name: 'ci', kind: 'user', limits: unlimited } as const;
  // It is the first one of a person that does.
  expect((await ring.create(user, newClientKey())).required).toBe(true);
});

test('taking back a key leaves nothing of it, and one that has gone already is no error', async () => {
  const { keys, ring } = open();
  await keys.mint('claude-code');
  await keys.revoke('claude-code');
  expect(await ring.list()).toEqual([]);
  await keys.revoke('claude-code');
});

test('the key of a person is neither replaced nor taken back, whatever it is called', async () => {
  const { keys, ring } = open();
  await ring.create({ name: 'claude-code', kind: 'user', limits: unlimited }, newClientKey());
  await expect(keys.mint('claude-code')).rejects.toMatchObject({ code: 'duplicate_key' });
  await keys.revoke('claude-code');
  expect(await ring.list()).toMatchObject([{ name: 'claude-code', kind: 'user', revokedAt: null }]);
});
