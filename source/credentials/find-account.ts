import { nearest } from '../config/nearest.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountId, AccountRecord } from '../shared/types.ts';

/** The account of that name, else of that id; undefined when there is none. */
export const lookUpAccount = <Account extends Pick<AccountRecord, 'id' | 'name'>>(
  accounts: readonly Account[],
  wanted: string,
): Account | undefined =>
  accounts.find(({ name }) => name === wanted) ?? accounts.find(({ id }) => id === (wanted as AccountId));

/** The same. Throws `unknown_account` with the nearest name. */
export const findAccount = <Account extends Pick<AccountRecord, 'id' | 'name'>>(
  accounts: readonly Account[],
  wanted: string,
): Account => {
  const found = lookUpAccount(accounts, wanted);
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
