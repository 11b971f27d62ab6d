import type { AccountId } from '../shared/types.ts';
import type { Emergency, Spilled } from './emergency.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Login } from './login.ts';
import type { LoginStore } from './login-store.ts';

export type NewestLogin = {
  login: Login;
  /** Fingerprint of the refresh token that the store still has, while it has not taken this one; null when it has. */
  replaces: string | null;
};

/** Whether the store has what that login came in place of, or nothing any more. */
const isBehind = (stored: Login | null, { replaces }: Pick<Spilled, 'replaces'>): boolean =>
  stored === null || (stored.refreshToken !== null && fingerprintOf(stored.refreshToken) === replaces);

/**
 * The login as it is now: the store's, unless a newer one waits for the store to take it, in memory or in the emergency file.
 * null when nobody has one. Rejects as the store does, when there is nothing else.
 */
export const readNewest = async (
  account: AccountId,
  { store, emergency }: { store: Pick<LoginStore, 'read'>; emergency: Emergency },
  inMemory: Spilled | null = null,
): Promise<NewestLogin | null> => {
  // An emergency file that cannot be read is no reason to doubt the store.
  const waiting = inMemory ?? (await emergency.read(account).catch(() => null));
  if (waiting === null) {
    const login = await store.read();
    return login && { login, replaces: null };
  }
  const stored = await store.read().catch(() => null);
  return stored === null || isBehind(stored, waiting) ? waiting : { login: stored, replaces: null };
};

/**
 * Stores what the store did not take before, unless it has a newer one by now, or the account has gone meanwhile. Rejects as the
 * store does.
 */
export const storeAgain = async (
  account: AccountId,
  { store, emergency }: { store: LoginStore; emergency: Emergency },
  waiting: Spilled,
  isWanted: () => boolean,
): Promise<void> => {
  await store.exclusively(async () => {
    const stored = await store.read();
    if (isWanted() && isBehind(stored, waiting)) await store.write(waiting.login);
    await emergency.clear(account);
  });
};
