import type { ImportedAccount } from '../../../source/credentials/importers/imported-account.ts';

/** An account as a test can compare it: its secret in the open, and only what is not the usual. */
export const summary = ({ secret, ...account }: ImportedAccount): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries(account).filter(
      ([, value]) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  ),
  secret: secret.reveal(),
});
