import { sanitize } from '../shared/sanitize.ts';
import type { SecretStoreName } from '../shared/types.ts';

// Why there is no secret of an account that may be sent, as a person is told.

// A locked Secret Service whose prompt nobody answers says "no such item", as if the secret had never been there: whoever
// removes the account then loses a secret that was only locked (gnome-keyring 42.1, measured 2026-11).
export const missingSecret = (store: SecretStoreName): string =>
  store === 'keychain'
    ? 'the keychain does not give its secret; unlock the keychain, or if the secret is gone, remove the account and add it again'
    : `its secret is not in the ${store}; remove the account and add it again`;

export const movedAway = (boundTo: string, baseUrl: string): string =>
  sanitize(
    `its key was given for ${boundTo} and is not sent to ${new URL(baseUrl).origin}; put the base URL back, or remove the account and add it again`,
    400,
  );
