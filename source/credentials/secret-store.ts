import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { SecretStoreName } from '../shared/types.ts';

/**
 * A place that keeps secrets by key. Every call may reject with `store_unavailable` (does not answer now, may later)
 * or `vault_damaged` (will not answer again without a person).
 */
export type SecretStore = {
  name: SecretStoreName;
  /** null when there is none under that key. */
  get(key: string): Promise<Secret | null>;
  /** Has been stored, and would survive a crash, when it resolves. */
  set(key: string, secret: Secret): Promise<void>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  /** The keys that begin with `prefix`, sorted; empty when there is none. */
  list(prefix: string): Promise<string[]>;
};

const keyPattern = /^[a-z]+\/[A-Za-z0-9_-]{1,64}$/;

/** Refuses a key no store should ever see: keys are ours (`account/<id>`), never text from outside. */
export const assertKey = (key: string): void => {
  if (!keyPattern.test(key)) throw new CcrError('failed', 'a secret was asked for under a malformed key');
};
