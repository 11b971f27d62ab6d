import { randomUUID } from 'node:crypto';
import type { Document } from '../config/document.ts';
import { nearest } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewAccount } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, SecretStoreName } from '../shared/types.ts';
import { checkNewAccount, checkSecret } from './account-input.ts';
import { bindSecret } from './bound-secret.ts';
import type { SecretKeeper } from './secret-keeper.ts';

/** The accounts of this installation: records in config.json, secrets in their stores, kept in step. */
export type AccountBook = {
  /**
   * Stores the secret, then the record: a record without a secret never exists. `notice` must be shown. Rejects with
   * `usage`, `unsupported_kind`, `bad_base_url`, `bad_secret`, `duplicate_account`, or what store and file say.
   */
  add(
    account: NewAccount,
    secret: Secret,
    options: { force: boolean },
  ): Promise<{ record: AccountRecord; notice: string | null }>;
  /** Removes the record, then the secret; `notice` says when the secret's store did not answer. `unknown_account`. */
  remove(account: string): Promise<{ record: AccountRecord; notice: string | null }>;
  /** Takes an account (by name or id) out of service or back. `unknown_account`. */
  setPaused(account: string, paused: boolean): Promise<AccountRecord>;
};

export type AccountBookOptions = {
  document: Pick<Document, 'updateAccounts'>;
  keeper: Pick<SecretKeeper, 'put' | 'remove'>;
  clock: Pick<Clock, 'now'>;
  /** The accounts as they are now. */
  readAccounts: () => readonly AccountRecord[] | Promise<readonly AccountRecord[]>;
  newId?: () => string;
};

/** The account of that name, else of that id. Throws `unknown_account` with the nearest name. */
export const findAccount = (accounts: readonly AccountRecord[], wanted: string): AccountRecord => {
  const found =
    accounts.find(({ name }) => name === wanted) ?? accounts.find(({ id }) => id === (wanted as AccountId));
  if (found !== undefined) return found;
  const near = nearest(
    wanted,
    accounts.map(({ name }) => name),
  );
  throw new CcrError('unknown_account', `there is no account ${sanitize(wanted, 64)}`, {
    hint: near === null ? 'ccr-tui account list shows them' : `did you mean ${near}?`,
  });
};

/** Throws `duplicate_account` when the name is taken. */
export const refuseDuplicate = (accounts: readonly AccountRecord[], name: string): void => {
  if (accounts.every((account) => account.name !== name)) return;
  throw new CcrError('duplicate_account', `there already is an account ${name}`, {
    hint: `choose another name, or remove it first: ccr-tui account remove ${name}`,
  });
};

/** The store that newer accounts go to because older ones are there. */
const decidedStore = (accounts: readonly AccountRecord[]): SecretStoreName | null =>
  accounts.findLast(({ store }) => store !== 'memory')?.store ?? null;

/** See `AccountBook`. Knows no globals: the running instance gives it a keeper that lives in another thread. */
export const createAccountBook = (options: AccountBookOptions): AccountBook => {
  const { document, keeper, clock, readAccounts, newId = randomUUID } = options;

  const replace = async (wanted: string, change: (record: AccountRecord) => AccountRecord | null) => {
    let before: AccountRecord | null = null;
    let after: AccountRecord | null = null;
    await document.updateAccounts((accounts) => {
      const found = findAccount(accounts, wanted);
      before = found;
      after = change(found);
      return accounts.flatMap((account) => {
        if (account !== found) return [account];
        return after === null ? [] : [after];
      });
    });
    return { before, after } as { before: AccountRecord | null; after: AccountRecord | null };
  };

  return {
    add: async (account, secret, { force }) => {
      const checked = checkNewAccount(account);
      const kept = bindSecret(checkSecret(checked.kind, secret, force), checked.baseUrl);
      const existing = await readAccounts();
      refuseDuplicate(existing, checked.name);
      const id = newId() as AccountId;
      const { store, notice } = await keeper.put(id, kept, decidedStore(existing));
      const record: AccountRecord = { id, ...checked, paused: false, store, createdAt: clock.now() };
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
      const { before: record } = await replace(wanted, () => null);
      if (record === null) throw new CcrError('failed', 'the account was not removed');
      try {
        await keeper.remove(record.id, record.store);
        return { record, notice: null };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { record, notice: `its secret is still in the ${record.store}: ${reason}` };
      }
    },

    setPaused: async (wanted, paused) => {
      const { after } = await replace(wanted, (record) => ({ ...record, paused }));
      if (after === null) throw new CcrError('failed', 'the account was not changed');
      return after;
    },
  };
};
