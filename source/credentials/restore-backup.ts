import type { ClientKeyRecord } from '../shared/client-key.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, SecretStoreName } from '../shared/types.ts';
import type { BackedUp } from './backup.ts';
import { linkedFolder } from './linked-folder.ts';
import { keyOf, keyOfName, pepperKey, type SecretKeeper } from './secret-keeper.ts';

type Records = { accounts: readonly AccountRecord[]; clientKeys: readonly ClientKeyRecord[] };

export type RestoreOptions = Records & {
  secrets: readonly BackedUp[];
  keeper: Pick<SecretKeeper, 'put' | 'get' | 'pepper' | 'named'>;
};

/** The records with the store that everything went to; `notices` must be shown. */
export type RestoredSecrets = Records & { notices: string[] };

const namedPrefix = keyOfName('');
const accountPrefix = keyOf('' as AccountId);

const notKept = (): CcrError =>
  new CcrError('store_unavailable', 'the store did not keep a secret of the backup', {
    hint: 'the settings were not changed; try again',
  });

/** Puts one secret where secrets go here, and reads it back. */
const putOne = async (
  keeper: RestoreOptions['keeper'],
  { key, secret }: BackedUp,
  decided: SecretStoreName | null,
): Promise<{ store: SecretStoreName; notice: string | null }> => {
  const id = key.slice(accountPrefix.length) as AccountId;
  const name = key.slice(namedPrefix.length);
  let read: (store: SecretStoreName) => Promise<Secret | null> = (store) => keeper.get(id, store);
  let put = (): ReturnType<typeof keeper.put> => keeper.put(id, secret, decided);
  if (key === pepperKey) {
    read = keeper.pepper.get;
    put = () => keeper.pepper.put(secret, decided);
  } else if (key.startsWith(namedPrefix)) {
    read = (store) => keeper.named.get(name, store);
    put = () => keeper.named.set(name, secret, decided);
  }
  const stored = await put();
  if ((await read(stored.store))?.reveal() !== secret.reveal()) throw notKept();
  return stored;
};

/** The store whose pepper most keys were made with; there is room for one of them. */
const mainPepper = (
  secrets: readonly BackedUp[],
  keys: readonly ClientKeyRecord[],
): SecretStoreName | null => {
  const stores = secrets.filter(({ key }) => key === pepperKey).map(({ store }) => store);
  const users = (store: SecretStoreName): number => keys.filter((key) => key.store === store).length;
  return stores.toSorted((one, other) => users(other) - users(one))[0] ?? null;
};

/**
 * Puts the secrets of a backup into the store that new secrets go to here, whichever they came from, and reads each back. The
 * caller writes the records afterwards. Rejects with what the store says; nothing of the settings is changed then.
 */
export const restoreSecrets = async ({
  accounts,
  clientKeys,
  secrets,
  keeper,
}: RestoreOptions): Promise<RestoredSecrets> => {
  const pepper = mainPepper(secrets, clientKeys);
  const wanted = secrets.filter(({ key, store }) => key !== pepperKey || store === pepper);
  const notices: string[] = [];
  let decided: SecretStoreName | null = null;
  for (const entry of wanted) {
    const { store, notice } = await putOne(keeper, entry, decided);
    if (notice !== null && decided === null) notices.push(notice);
    decided = store;
  }
  const to = decided;
  const placed = (account: AccountRecord): AccountRecord =>
    to === null || linkedFolder(account) !== null ? account : { ...account, store: to };
  const kept = clientKeys.filter(({ store }) => store === pepper);
  const lost = clientKeys.filter((key) => !kept.includes(key)).map(({ name }) => name);
  if (lost.length > 0) notices.push(`client keys that have to be made again: ${lost.join(', ')}`);
  return {
    accounts: accounts.map(placed),
    clientKeys: to === null ? kept : kept.map((key) => ({ ...key, store: to })),
    notices,
  };
};
