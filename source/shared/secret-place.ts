import type { SecretStoreName } from './types.ts';

/** Where a secret lies, as a person is told. */
export const secretPlaces: Readonly<Record<SecretStoreName, string>> = {
  keychain: 'the OS keychain',
  vault: 'the encrypted vault',
  memory: 'memory only, until the program ends',
};
