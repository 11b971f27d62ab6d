import { checkAccountFields } from '../credentials/account-input.ts';
import { lookUpAccount, refuseDuplicate } from '../credentials/find-account.ts';
import { refuseSignIn } from '../credentials/login-again.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountRecord } from '../shared/types.ts';

/** What signing in under a name comes to. */
export type LoginPlan =
  | { kind: 'new-login' | 'new-key'; name: string }
  /** The login of that account is replaced; all else of it stays. */
  | { kind: 'again'; record: AccountRecord };

export type LoginWish = {
  name: string;
  /** null = the kind's own. */
  baseUrl: string | null;
  /** An API key is to come of it, and no login. */
  makesKey: boolean;
};

/**
 * Decides what is to be done, before anybody signs in. Throws `usage`, `bad_base_url`, `duplicate_account`, and
 * `unsupported_kind` for a name whose account is no login of ours.
 */
export const planLogin = (
  accounts: readonly AccountRecord[],
  { name, baseUrl, makesKey }: LoginWish,
): LoginPlan => {
  const known = lookUpAccount(accounts, name);
  if (makesKey || known === undefined) {
    const kind = makesKey ? 'api-key' : 'login';
    const fields = checkAccountFields({ name, kind, baseUrl, priority: null, weight: null });
    refuseDuplicate(accounts, fields.name);
    return { kind: makesKey ? 'new-key' : 'new-login', name: fields.name };
  }
  refuseSignIn(known);
  if (baseUrl !== null && baseUrl !== known.baseUrl) {
    throw new CcrError('usage', `${known.name} goes to ${known.baseUrl}, and stays there`, {
      hint: 'leave --base-url out',
    });
  }
  return { kind: 'again', record: known };
};
