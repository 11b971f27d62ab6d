import { resolvePaths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { readInstance } from '../control/instance-lock.ts';
import { decidedStore } from '../credentials/decided-store.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { AccountId, AccountRecord } from '../shared/types.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';

/** No account has it. */
const nobody = 'nobody' as AccountId;

/**
 * The keeper for a secret that is yet to come, after a look at the store it will go to: what is locked or damaged says so now,
 * and a passphrase is asked for now, and not when a person has signed in. Makes nothing. null where an instance runs, which
 * has its own. Rejects with `store_unavailable`, `vault_damaged` or what the passphrase was wrong about.
 */
export const readyStore = async (
  context: CommandContext,
  accounts: readonly AccountRecord[],
  { credentialStore }: Pick<Config, 'credentialStore'>,
): Promise<SecretKeeper | null> => {
  if (readInstance(resolvePaths(context.env).instanceLock) !== null) return null;
  const keeper = await openSecretKeeper(context);
  const store = credentialStore === 'auto' ? decidedStore(accounts) : credentialStore;
  if (store !== null && store !== 'memory') await keeper.get(nobody, store);
  return keeper;
};
