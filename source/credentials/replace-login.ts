import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { loginFromText } from './login.ts';
import { createOwnLoginStore, type OwnLoginStoreOptions } from './own-login-store.ts';

/**
 * Puts another login in the place of an account's own, under the lock of its refresh: one that is under way must not write its
 * outdated tokens over the new ones. Stored and read back when it resolves. Rejects with `bad_secret`, `locked`,
 * `store_unavailable` or `vault_damaged`.
 */
export const replaceLogin = async (options: OwnLoginStoreOptions, text: Secret): Promise<void> => {
  const login = loginFromText(text.reveal());
  if (login === null) throw new CcrError('bad_secret', 'this is no login');
  const store = createOwnLoginStore(options);
  await store.exclusively(() => store.write(login));
};
