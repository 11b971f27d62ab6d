import type { Settings } from './config/settings.ts';
import type { Profile } from './credentials/profile.ts';
import type { LiveDocument } from './live-document.ts';
import { asCcrError } from './shared/errors.ts';
import type { AccountId, AccountRecord } from './shared/types.ts';
import type { Store } from './store/store.ts';

export type KeepProfileOptions = {
  document: Pick<LiveDocument, 'updateAccounts'>;
  settings: Pick<Settings, 'accounts'>;
  log: Store['log'];
};

/** The record with what it did not know; the same object when there is nothing new. */
const withProfile = (record: AccountRecord, profile: Profile): AccountRecord => {
  const { login } = record;
  // One that was asked for before a new sign-in, and answered after it, is of another person's login.
  const isAnother = login?.accountUuid && profile.accountUuid && login.accountUuid !== profile.accountUuid;
  if (login === undefined || isAnother) return record;
  const told = Object.entries(profile).filter(([, value]) => value !== null);
  if (told.every(([field, value]) => login[field as keyof Profile] === value)) return record;
  return { ...record, login: { ...login, ...Object.fromEntries(told) } };
};

/** Writes down who a login belongs to. Never rejects; a file that cannot be written is said in the log. */
export const keepProfile =
  ({ document, settings, log }: KeepProfileOptions) =>
  async (account: AccountId, profile: Profile): Promise<void> => {
    const record = settings.accounts.find(({ id }) => id === account);
    if (record === undefined || withProfile(record, profile) === record) return;
    try {
      await document.updateAccounts((accounts) =>
        accounts.map((each) => (each.id === account ? withProfile(each, profile) : each)),
      );
    } catch (error) {
      const reason = asCcrError(error).message;
      log('warning', `the plan of ${record.name} cannot be kept: ${reason}`);
    }
  };
