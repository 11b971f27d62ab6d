import type { Document } from '../config/document.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountRecord, LoginFacts } from '../shared/types.ts';
import { checkEntry, checkSecret } from './account-input.ts';
import { findAccount } from './find-account.ts';
import { linkedFolder } from './linked-folder.ts';

const refuse = (message: string, hint: string): CcrError =>
  new CcrError('unsupported_kind', message, { hint });

/** Throws `unsupported_kind` for an account that nobody signs in to here, and says what to do instead. */
export const refuseSignIn = (record: Pick<AccountRecord, 'name' | 'kind' | 'login'>): void => {
  const { name, kind } = record;
  if (kind !== 'login') {
    throw refuse(`${name} is an account of kind ${kind}, and nobody signs in to that`, 'choose another name');
  }
  const folder = linkedFolder(record);
  if (folder === null) return;
  throw refuse(
    `the login of ${name} is that of the Claude Code in ${folder}`,
    'sign in there, with /login in Claude Code; nothing has to be done here',
  );
};

/** Whether somebody else has signed in, or the same person with another account; not where nobody said whose it is. */
export const isOtherAccount = (
  record: Pick<AccountRecord, 'login'>,
  { accountUuid }: Pick<LoginFacts, 'accountUuid'>,
): boolean => {
  const known = record.login?.accountUuid ?? null;
  return known !== null && accountUuid !== null && known !== accountUuid;
};

/** What is kept of a login after another one came in its place: what was not told anew stays, if it is the same account. */
const merged = (record: AccountRecord, facts: LoginFacts): LoginFacts => {
  const before = isOtherAccount(record, facts) ? null : (record.login ?? null);
  return {
    termsAcceptedAt: record.login?.termsAcceptedAt ?? facts.termsAcceptedAt,
    linkedTo: null,
    accountUuid: facts.accountUuid ?? before?.accountUuid ?? null,
    organization: facts.organization ?? before?.organization ?? null,
    plan: facts.plan ?? before?.plan ?? null,
  };
};

export type LoginAgainOptions = {
  document: Pick<Document, 'updateAccounts'>;
  readAccounts: () => readonly AccountRecord[] | Promise<readonly AccountRecord[]>;
  /** Puts the text of a login in the place of the one that an account had, while nobody refreshes that one. */
  replaceLogin(record: AccountRecord, login: Secret): Promise<void>;
};

/**
 * Puts a new login in the place of the one an account had; id, history and settings stay. Stored first, so that a login which
 * cannot be stored changes nothing. Rejects with `unknown_account`, `unsupported_kind`, `bad_secret`, `sign_in_failed` for
 * another account than before (`force` takes it), or what store and file say.
 */
export const loginAgain = async (
  { document, readAccounts, replaceLogin }: LoginAgainOptions,
  wanted: string,
  { secret, facts, force }: { secret: Secret; facts: LoginFacts; force: boolean },
): Promise<AccountRecord> => {
  const record = findAccount(await readAccounts(), wanted);
  refuseSignIn(record);
  if (!force && isOtherAccount(record, facts)) {
    throw new CcrError('sign_in_failed', `this is another Claude account than ${record.name} had`, {
      hint: 'give it a name of its own, or add --force',
    });
  }
  checkEntry(record, secret, false);
  await replaceLogin(record, checkSecret(record.kind, secret, false));
  const after = await document.updateAccounts((accounts) => {
    const { id } = findAccount(accounts, record.id);
    return accounts.map((account) =>
      account.id === id ? { ...account, login: merged(account, facts) } : account,
    );
  });
  return findAccount(after, record.id);
};
