import type { AccountRecord, SecretStoreName } from '../shared/types.ts';

/** The store that newer secrets go to because older ones are there; null when there is none yet. */
export const decidedStore = (accounts: readonly Pick<AccountRecord, 'store'>[]): SecretStoreName | null =>
  accounts.findLast(({ store }) => store !== 'memory')?.store ?? null;
