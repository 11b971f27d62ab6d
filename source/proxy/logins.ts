import type { RefreshEnd } from '../credentials/refresh.ts';
import type { TokenStatus } from '../credentials/token-state.ts';
import type { Tokens, TokensOptions } from '../credentials/tokens.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, EpochMs } from '../shared/types.ts';

export type TokenHooks = Pick<TokensOptions, 'onChange' | 'onNews' | 'oauth'>;

/** Opens the door to the tokens of logins; asked when there is a login, and once. */
export type OpenTokens = (hooks: TokenHooks) => Promise<Tokens>;

/** The logins among the accounts, as the data plane sees them: nothing of what they need is loaded as long as there is none. */
export type Logins = {
  setAccounts(records: readonly AccountRecord[]): void;
  /** See `Tokens`, for these and the rest. */
  tokenOf(account: AccountId): Promise<TokenStatus>;
  replace(account: AccountId, refused: Secret): Promise<TokenStatus>;
  refresh(account: AccountId): Promise<RefreshEnd>;
  reload(account: AccountId): void;
  storeOpened(): void;
  tick(): void;
  close(limitMs: number): Promise<void>;
};

const unopened: TokenStatus = {
  token: null,
  expiresAt: null,
  problem: { state: 'error', reason: 'logins cannot be used here', until: null },
};

/** `open` null: logins cannot be used, as in a demo. */
export const createLogins = (open: OpenTokens | null, hooks: TokenHooks): Logins => {
  let tokens: Tokens | null = null;
  let opening: Promise<Tokens | null> = Promise.resolve(null);
  let asked = false;
  let records: readonly AccountRecord[] = [];

  const begin = (): void => {
    if (asked || open === null) return;
    asked = true;
    opening = open(hooks).then(
      (opened) => {
        opened.setAccounts(records);
        tokens = opened;
        return opened;
      },
      () => null,
    );
  };

  return {
    setAccounts(next) {
      records = next;
      if (tokens !== null) tokens.setAccounts(next);
      else if (next.some(({ kind }) => kind === 'login')) begin();
    },
    tokenOf: async (account) => (await opening)?.tokenOf(account) ?? unopened,
    replace: async (account, refused) => (await opening)?.replace(account, refused) ?? unopened,
    refresh: async (account) => (await opening)?.refresh(account) ?? { kind: 'missing' },
    reload: (account) => tokens?.reload(account),
    storeOpened: () => tokens?.storeOpened(),
    tick: () => tokens?.tick(),
    close: async (limitMs) => tokens?.close(limitMs),
  };
};

/** When the token of a login that was renewed ends; null when nobody knows. Throws `needs_login` or `failed`. */
export const renewedUntil = (end: RefreshEnd): EpochMs | null => {
  switch (end.kind) {
    case 'found':
    case 'renewed':
      return end.login.expiresAt;
    case 'ended':
      throw new CcrError('needs_login', `its login has ended: ${end.reason}`, { hint: 'sign in again' });
    case 'missing':
      throw new CcrError('needs_login', 'there is no login in its store', { hint: 'sign in again' });
    case 'later':
      throw new CcrError('failed', `its login was not renewed: ${end.reason}`, {
        hint: 'what it has serves on as long as it lasts; try again later',
      });
  }
};
