import type { Document, Lists } from '../config/document.ts';
import type { AccountChange } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountId, AccountRecord } from '../shared/types.ts';
import { findAccount, refuseDuplicate } from './find-account.ts';
import { checkName } from './account-input.ts';
import { changeAccount } from './change-account.ts';

export type AccountEdits = {
  /** Takes an account (by name or id) out of service or back. `unknown_account`. */
  setPaused(account: string, paused: boolean): Promise<AccountRecord>;
  /** The same with every account; returns those that were not so before. */
  setAllPaused(paused: boolean): Promise<AccountRecord[]>;
  /** Has new work go to that account first, and to no other; null = to none. Returns its record. `unknown_account`. */
  prefer(account: string | null): Promise<AccountRecord | null>;
  /** Gives an account another name, also in the limits of client keys. `unknown_account`, `usage`, `duplicate_account`. */
  rename(account: string, to: string): Promise<AccountRecord>;
  /** See `changeAccount`. `unknown_account`, `usage`. */
  change(account: string, change: AccountChange): Promise<AccountRecord>;
};

/** Keys that are for that account name it: they must not lose it. */
const renamed = ({ accounts, clientKeys }: Lists, { id, name }: AccountRecord, to: string): Lists => ({
  accounts: accounts.map((account) => (account.id === id ? { ...account, name: to } : account)),
  clientKeys: clientKeys.map((key) => {
    const names = key.limits.accounts;
    if (names === null || !names.includes(name)) return key;
    return { ...key, limits: { ...key.limits, accounts: names.map((each) => (each === name ? to : each)) } };
  }),
});

/** Puts what `change` makes of the account in its place; null takes it out. Returns the record as it was and as it is. */
const replace = async (
  document: Pick<Document, 'updateAccounts'>,
  wanted: string,
  change: (record: AccountRecord) => AccountRecord | null,
): Promise<{ before: AccountRecord; after: AccountRecord | null }> => {
  const found: { before: AccountRecord; after: AccountRecord | null }[] = [];
  await document.updateAccounts((accounts) => {
    const before = findAccount(accounts, wanted);
    const after = change(before);
    found.push({ before, after });
    return accounts.flatMap((account) => {
      if (account !== before) return [account];
      return after === null ? [] : [after];
    });
  });
  const [result] = found;
  if (result === undefined) throw new CcrError('failed', 'the accounts were not changed');
  return result;
};

/** A record says so only of the one that is. */
const preferredIf = (record: AccountRecord, isPreferred: boolean): AccountRecord => {
  const { preferred: _, ...others } = record;
  return isPreferred ? { ...others, preferred: true } : others;
};

/** Takes the record of an account out. `unknown_account`. */
export const takeOut = async (
  document: Pick<Document, 'updateAccounts'>,
  wanted: string,
): Promise<AccountRecord> => (await replace(document, wanted, () => null)).before;

/** Changes of records that touch no secret. */
export const editAccounts = (document: Pick<Document, 'updateAccounts' | 'updateTogether'>): AccountEdits => {
  const put = async (
    wanted: string,
    change: (record: AccountRecord) => AccountRecord,
  ): Promise<AccountRecord> => {
    const { before, after } = await replace(document, wanted, change);
    return after ?? before;
  };
  return {
    setPaused: (wanted, paused) => put(wanted, (record) => ({ ...record, paused })),

    async setAllPaused(paused) {
      const changed = new Set<AccountId>();
      const after = await document.updateAccounts((accounts) =>
        accounts.map((record) => {
          if (record.paused === paused) return record;
          changed.add(record.id);
          return { ...record, paused };
        }),
      );
      return after.filter(({ id }) => changed.has(id));
    },

    async prefer(wanted) {
      const after = await document.updateAccounts((accounts) => {
        const found = wanted === null ? null : findAccount(accounts, wanted);
        return accounts.map((record) => preferredIf(record, record === found));
      });
      return wanted === null ? null : findAccount(after, wanted);
    },

    async rename(wanted, to) {
      const name = checkName(to);
      const { accounts } = await document.updateTogether((lists) => {
        const found = findAccount(lists.accounts, wanted);
        if (found.name !== name) refuseDuplicate(lists.accounts, name);
        return renamed(lists, found, name);
      });
      return findAccount(accounts, name);
    },

    change: (wanted, change) => put(wanted, (record) => changeAccount(record, change)),
  };
};
