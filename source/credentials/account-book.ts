import { randomUUID } from 'node:crypto';
import type { Document } from '../config/document.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewAccount } from '../shared/commands.ts';
import { asCcrError, CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, LoginFacts } from '../shared/types.ts';
import { checkEntry, checkNewAccount } from './account-input.ts';
import { decidedStore } from './decided-store.ts';
import { editAccounts, takeOut, type AccountEdits } from './edit-accounts.ts';
import { refuseDuplicate } from './find-account.ts';
import { linkedFolder } from './linked-folder.ts';
import { loginAgain, type LoginAgainOptions } from './login-again.ts';
import type { SecretKeeper, StoredAt } from './secret-keeper.ts';

/** The accounts of this installation: records in config.json, secrets in their stores, kept in step. */
export type AccountBook = AccountEdits & {
  /**
   * Stores the secret, then the record: a record without a secret never exists, but for a login that is linked to the store
   * of its owner's Claude Code, for which `secret` is null. `notice` must be shown. Rejects with
   * `usage`, `unsupported_kind`, `bad_base_url`, `terms_not_accepted`, `bad_secret`, `duplicate_account`, or what store and
   * file say.
   */
  add(
    account: NewAccount,
    secret: Secret | null,
    options: { force: boolean },
  ): Promise<{ record: AccountRecord; notice: string | null }>;
  /** Removes the record, then the secret; `notice` says when the secret's store did not answer. `unknown_account`. */
  remove(account: string): Promise<{ record: AccountRecord; notice: string | null }>;
  /** See `loginAgain`. */
  loginAgain(
    account: string,
    login: { secret: Secret; facts: LoginFacts; force: boolean },
  ): Promise<AccountRecord>;
};

export type AccountBookOptions = {
  document: Pick<Document, 'updateAccounts' | 'updateTogether'>;
  keeper: Pick<SecretKeeper, 'put' | 'remove'>;
  replaceLogin: LoginAgainOptions['replaceLogin'];
  clock: Pick<Clock, 'now'>;
  /** The accounts as they are now. */
  readAccounts: () => readonly AccountRecord[] | Promise<readonly AccountRecord[]>;
  newId?: () => string;
};

/** The secret of a linked login is where it was, and in no store of ours. */
const elsewhere: StoredAt = { store: 'memory', notice: null };

const isLinked = (record: Pick<AccountRecord, 'kind' | 'login'>): boolean =>
  record.kind === 'login' && linkedFolder(record) !== null;

const given = (secret: Secret | null): Secret => {
  if (secret !== null) return secret;
  throw new CcrError('bad_secret', 'no secret was given', { hint: 'pass it on stdin' });
};

/** See `AccountBook`. Knows no globals: the running instance gives it a keeper that lives in another thread. */
export const createAccountBook = (options: AccountBookOptions): AccountBook => {
  const { document, keeper, replaceLogin, clock, readAccounts, newId = randomUUID } = options;

  const edits = editAccounts(document);

  return {
    add: async (account, secret, { force }) => {
      const checked = checkNewAccount(account);
      const kept = isLinked(checked) ? null : checkEntry(checked, given(secret), force);
      const existing = await readAccounts();
      refuseDuplicate(existing, checked.name);
      const id = newId() as AccountId;
      const { store, notice } =
        kept === null ? elsewhere : await keeper.put(id, kept, decidedStore(existing));
      const paused = account.paused ?? false;
      const record: AccountRecord = { id, ...checked, paused, store, createdAt: clock.now() };
      try {
        await document.updateAccounts((accounts) => {
          // Again, now that nobody else can write: another process may have taken the name meanwhile.
          refuseDuplicate(accounts, record.name);
          return [...accounts, record];
        });
      } catch (error) {
        await keeper.remove(id, store).catch(() => {});
        throw error;
      }
      return { record, notice };
    },

    remove: async (wanted) => {
      const record = await takeOut(document, wanted);
      try {
        await keeper.remove(record.id, record.store);
        return { record, notice: null };
      } catch (error) {
        const reason = asCcrError(error).message;
        return { record, notice: `its secret is still in the ${record.store}: ${reason}` };
      }
    },

    loginAgain: (wanted, login) => loginAgain({ document, readAccounts, replaceLogin }, wanted, login),

    ...edits,
  };
};
