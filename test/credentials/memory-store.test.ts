import { expect, test } from 'vitest';
import { createMemoryStore } from '../../source/credentials/memory-store.ts';
import { Secret } from '../../source/shared/secret.ts';

test('a secret is there until it is deleted, and in no other store', async () => {
  const store = createMemoryStore();
  await store.set('account/a', new Secret('one'));
  await store.set('account/a', new Secret('two'));
  expect((await store.get('account/a'))?.reveal()).toBe('two');
  expect(await createMemoryStore().get('account/a')).toBeNull();
  expect(await store.delete('account/a')).toBe(true);
  expect(await store.delete('account/a')).toBe(false);
  expect(await store.get('account/a')).toBeNull();
  await expect(store.set('x', new Secret('y'))).rejects.toThrow('malformed key');
});
