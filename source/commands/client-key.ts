import { Secret } from '../shared/secret.ts';

/** Makes and takes back the keys that programs of ours show to the proxy. */
export type ClientKeys = { mint(name: string): Promise<Secret>; revoke(name: string): Promise<void> };

// The proxy replaces every client credential by an account's own and asks for none; clients only insist that there is one.
const placeholder = 'ccr-tui';

/** The keys of this home. */
export const openClientKeys = (): ClientKeys => ({
  mint: async () => new Secret(placeholder),
  revoke: async () => undefined,
});
