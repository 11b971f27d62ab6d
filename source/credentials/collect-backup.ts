import type { ClientKeyRecord } from '../shared/client-key.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountRecord, SecretStoreName } from '../shared/types.ts';
import type { BackedUp } from './backup.ts';
import { linkedFolder } from './linked-folder.ts';
import { keyOf, keyOfName, pepperKey, type SecretKeeper } from './secret-keeper.ts';

export type CollectOptions = {
  accounts: readonly AccountRecord[];
  clientKeys: readonly ClientKeyRecord[];
  keeper: Pick<SecretKeeper, 'get' | 'pepper' | 'named'>;
};

/** `missing`: sentences about what is not in it. */
export type Collected = { secrets: BackedUp[]; missing: string[] };

/** What the memory of another process holds cannot be had. */
const lasting: readonly SecretStoreName[] = ['keychain', 'vault'];

const whyMissing = (record: AccountRecord): string => {
  const { name, store } = record;
  if (linkedFolder(record) !== null) return `the login of ${name} is Claude Code's own`;
  if (store === 'memory') return `the secret of ${name} is in memory only`;
  return `the secret of ${name} is not in the ${store}`;
};

const namedIn = async ({ named }: CollectOptions['keeper'], store: SecretStoreName): Promise<BackedUp[]> => {
  const found: BackedUp[] = [];
  for (const name of await named.list(store)) {
    const secret = await named.get(name, store);
    if (secret !== null) found.push({ store, key: keyOfName(name), secret });
  }
  return found;
};

/**
 * Every secret that records lead to, and those by name. Rejects when a store that a record names does not answer: a backup
 * without half of the secrets would be found out when it is needed.
 */
export const collectSecrets = async ({
  accounts,
  clientKeys,
  keeper,
}: CollectOptions): Promise<Collected> => {
  const secrets: BackedUp[] = [];
  const missing: string[] = [];
  for (const record of accounts) {
    const { id, store } = record;
    const isOurs = lasting.includes(store) && linkedFolder(record) === null;
    const secret = isOurs ? await keeper.get(id, store) : null;
    if (secret === null) missing.push(whyMissing(record));
    else secrets.push({ store, key: keyOf(id), secret });
  }
  const peppers = new Set(clientKeys.map(({ store }) => store).filter((store) => lasting.includes(store)));
  for (const store of peppers) {
    const secret = await keeper.pepper.get(store);
    if (secret === null) missing.push(`the secret behind the client keys is not in the ${store}`);
    else secrets.push({ store, key: pepperKey, secret });
  }
  const inUse = new Set([...accounts, ...clientKeys].map(({ store }) => store));
  for (const store of lasting) {
    try {
      secrets.push(...(await namedIn(keeper, store)));
    } catch (error) {
      const isAbsent = error instanceof CcrError && error.code === 'store_unavailable';
      if (!isAbsent || inUse.has(store)) throw error;
    }
  }
  return { secrets, missing };
};
