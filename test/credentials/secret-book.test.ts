import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../source/credentials/memory-store.ts';
import { createSecretBook, type SecretBookOptions } from '../../source/credentials/secret-book.ts';
import type { NamedSecrets } from '../../source/credentials/secret-keeper.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { SecretStoreName } from '../../source/shared/types.ts';

/** Stores in memory under the names of the others; those in `silent` do not answer. */
const start = (
  preference: SecretBookOptions['preference'],
  accounts: SecretStoreName[] = [],
  silent: SecretStoreName[] = [],
) => {
  const kept = { keychain: createMemoryStore(), vault: createMemoryStore(), memory: createMemoryStore() };
  const at = (store: SecretStoreName) => {
    if (silent.includes(store)) throw new CcrError('store_unavailable', `the ${store} does not answer`);
    return kept[store];
  };
  const named: NamedSecrets = {
    get: async (name, store) => at(store).get(`secret/${name}`),
    set: async (name, secret, decided) => {
      const store = preference === 'auto' ? (decided ?? 'keychain') : preference;
      await at(store).set(`secret/${name}`, secret);
      return { store, notice: null };
    },
    list: async (store) => (await at(store).list('secret/')).map((key) => key.slice(7)),
    delete: async (name, store) => at(store).delete(`secret/${name}`),
  };
  return {
    named,
    book: createSecretBook({ named, accounts: () => accounts.map((store) => ({ store })), preference }),
  };
};

describe('secrets by name', () => {
  test('go where those of the accounts are, come back, and go', async () => {
    const { book } = start('auto', ['vault']);
    expect(await book.set('$B', new Secret(' key-b '))).toEqual({ name: 'B', store: 'vault', notice: null });
    await book.set('A', new Secret('key-a'));
    expect(await book.list()).toEqual([
      { name: 'A', store: 'vault' },
      { name: 'B', store: 'vault' },
    ]);
    const { secret, ...rest } = await book.get('B');
    expect([secret.reveal(), rest]).toEqual(['key-b', { name: 'B', store: 'vault' }]);
    expect(await book.delete('B')).toEqual({ name: 'B' });
    await expect(book.get('B')).rejects.toMatchObject({ code: 'unknown_secret' });
    await expect(book.delete('B')).rejects.toMatchObject({ exitCode: 3, message: 'there is no secret B' });
  });

  test('have one copy: what lay in another store goes when a new one is kept', async () => {
    const { book, named } = start('vault', ['keychain']);
    await named.set('A', new Secret('old'), null);
    const old = start('auto', ['keychain']);
    await old.named.set('A', new Secret('old'), 'keychain');
    const moved = createSecretBook({
      named: { ...old.named, set: async (name, secret) => await named.set(name, secret, null) },
      accounts: () => [{ store: 'keychain' }],
      preference: 'auto',
    });
    expect(await moved.set('A', new Secret('new'))).toMatchObject({ store: 'vault' });
    expect(await old.named.get('A', 'keychain')).toBeNull();
    expect(await book.list()).toEqual([{ name: 'A', store: 'vault' }]);
  });

  test('are kept although an older store does not answer, which is said', async () => {
    const { book } = start('vault', ['keychain'], ['keychain']);
    expect(await book.set('A', new Secret('key'))).toEqual({
      name: 'A',
      store: 'vault',
      notice: 'an earlier A may be left elsewhere: the keychain does not answer',
    });
  });

  test('are found in every store there may be while no account has decided; one without an answer has none', async () => {
    const { book, named } = start('auto', [], ['keychain']);
    await named.set('A', new Secret('key'), 'vault');
    expect(await book.list()).toEqual([{ name: 'A', store: 'vault' }]);
    await book.delete('A');
    expect(await book.list()).toEqual([]);
  });

  test('are found where they were kept when every account has its secret elsewhere, as a linked login has', async () => {
    const { book } = start('auto', ['memory']);
    await book.set('A', new Secret('key'));
    expect(await book.list()).toEqual([{ name: 'A', store: 'keychain' }]);
    expect(await book.delete('A')).toEqual({ name: 'A' });
  });

  test('in a store that accounts use and that does not answer are no empty list', async () => {
    const { book } = start('auto', ['keychain'], ['keychain']);
    await expect(book.list()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(book.delete('A')).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test.each([
    ['the token of a Claude login', 'sk-ant-oat01-marker'],
    ['another name', '$OTHER'],
    ['nothing', '  '],
    ['two words', 'a b'],
  ])('are never %s', async (_, text) => {
    const { book } = start('auto', ['vault']);
    await expect(book.set('A', new Secret(text))).rejects.toMatchObject({ code: 'bad_secret' });
    expect(await book.list()).toEqual([]);
  });
});
