import type { Paths } from '../config/paths.ts';
import { isRecord } from '../shared/is-record.ts';
import { Secret } from '../shared/secret.ts';
import type { AccountId, SecretStoreName } from '../shared/types.ts';
import { loginText, parseLogin, type Login } from './login.ts';
import type { SecretKeeper } from './secret-keeper.ts';
import { createVault } from './vault.ts';

/** A renewed login whose own store did not take it. */
export type Spilled = {
  login: Login;
  /** Fingerprint of the refresh token that it came in place of: what the store then still has. */
  replaces: string;
};

/** Where renewed logins go until their own store takes them. Every call may reject as a vault does. */
export type Emergency = {
  /** null when there is none. */
  read(account: AccountId): Promise<Spilled | null>;
  write(account: AccountId, spilled: Spilled): Promise<void>;
  clear(account: AccountId): Promise<void>;
};

const keyOf = (account: AccountId): string => `account/${account}`;

const spilledIn = (text: string): Spilled | null => {
  const document: unknown = JSON.parse(text);
  if (!isRecord(document)) return null;
  const { login, replaces } = document;
  const parsed = parseLogin(login);
  return parsed === null || typeof replaces !== 'string' ? null : { login: parsed, replaces };
};

/** An encrypted file of its own, beside the vault; made when it is needed first. */
export const openEmergency = (paths: Pick<Paths, 'emergency' | 'emergencyKey'>): Emergency => {
  const vault = createVault({ vault: paths.emergency, vaultKey: paths.emergencyKey });
  return {
    async read(account) {
      const secret = await vault.get(keyOf(account));
      return secret === null ? null : spilledIn(secret.reveal());
    },
    async write(account, { login, replaces }) {
      const text = JSON.stringify({ login: JSON.parse(loginText(login).reveal()), replaces });
      await vault.set(keyOf(account), new Secret(text));
    },
    async clear(account) {
      // Without a look first, even the common case would take the lock of a file that is not there.
      if ((await vault.get(keyOf(account))) !== null) await vault.delete(keyOf(account));
    },
  };
};

/** The removing of an account's secret, wherever it is: in its store, and in the emergency file. Rejects as either does. */
export const removeEverywhere =
  (keeper: Pick<SecretKeeper, 'remove'>, paths: Pick<Paths, 'emergency' | 'emergencyKey'>) =>
  async (account: AccountId, store: SecretStoreName): Promise<void> => {
    try {
      await keeper.remove(account, store);
    } finally {
      await openEmergency(paths).clear(account);
    }
  };
