import type { Document } from '../config/document.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { MoveReport } from '../shared/commands.ts';
import { asCcrError, CcrError } from '../shared/errors.ts';
import {
  secretStores,
  type AccountRecord,
  type MovableStore,
  type SecretStoreName,
} from '../shared/types.ts';
import { linkedFolder } from './linked-folder.ts';
import { captureKeyName, keyOf, keyOfName, pepperKey } from './secret-keeper.ts';
import type { CopyResult, RunStoreOperation } from './store-operation.ts';
import type { Move } from './transfer.ts';

export type Records = { accounts: readonly AccountRecord[]; clientKeys: readonly ClientKeyRecord[] };

export type MoveSecretsOptions = {
  to: MovableStore;
  /** As they are now. */
  read(): Records;
  document: Pick<Document, 'updateTogether'>;
  run: RunStoreOperation;
};

/** What is known of one secret that may have to move. */
type Item = Move & { what: 'account' | 'clientKeys' | 'named' | 'captures'; label: string; replace: boolean };

/** Accounts that have something in a store of ours: a linked login's tokens are Claude Code's. */
const hasSecret = (record: AccountRecord): boolean => linkedFolder(record) === null;

const accountItems = ({ accounts }: Records, to: SecretStoreName): Item[] =>
  accounts
    .filter((account) => hasSecret(account) && account.store !== to)
    .map(({ id, name, store }) => ({
      what: 'account',
      label: `the secret of ${name}`,
      key: keyOf(id),
      from: store,
      to,
      replace: true,
    }));

/** The secret behind the keys of clients: one in each store that keys were made with. */
const pepperItems = ({ clientKeys }: Records, to: SecretStoreName): Item[] => {
  const inUse = new Set(clientKeys.map(({ store }) => store));
  // Another one there, that keys were made with, would end these, and this one in its place would end those.
  const replace = !inUse.has(to);
  const label = 'the secret behind the client keys';
  return [...inUse]
    .filter((from) => from !== to)
    .map((from) => ({ what: 'clientKeys', label, key: pepperKey, from, to, replace }));
};

/** What captures are encrypted with: no record names its store, so that it is looked for in each. */
const captureItems = (stores: readonly SecretStoreName[], to: SecretStoreName): Item[] =>
  stores
    .filter((from) => from !== 'memory')
    .map((from) => ({
      what: 'captures',
      label: 'the key of what was captured',
      key: captureKeyName,
      from,
      to,
      replace: false,
    }));

const namedItems = async ({ run, to }: MoveSecretsOptions, from: SecretStoreName): Promise<Item[]> => {
  const names = await run({ name: 'named', store: from }, null);
  return names.map((name) => ({
    what: 'named',
    label: `the secret ${name}`,
    key: keyOfName(name),
    from,
    to,
    replace: true,
  }));
};

/** Secrets by name in the other stores, and which of those answer; one that no record names need not. */
const askOthers = async (
  options: MoveSecretsOptions,
  { accounts, clientKeys }: Records,
): Promise<{ items: Item[]; answering: SecretStoreName[] }> => {
  const items: Item[] = [];
  const answering: SecretStoreName[] = [];
  const inUse = new Set([...accounts, ...clientKeys].map(({ store }) => store));
  for (const from of secretStores) {
    if (from === options.to) continue;
    try {
      items.push(...(await namedItems(options, from)));
      answering.push(from);
    } catch (error) {
      const isAbsent = error instanceof CcrError && error.code === 'store_unavailable';
      if (!isAbsent || inUse.has(from)) throw error;
    }
  }
  return { items, answering };
};

/** What a move that was killed may have left behind: secrets whose records name the new place already. */
const leftovers = (
  { accounts, clientKeys }: Records,
  to: SecretStoreName,
  stores: readonly SecretStoreName[],
): Move[] => {
  const moved = accounts.filter((account) => hasSecret(account) && account.store === to);
  const isPepperMoved = clientKeys.length > 0 && clientKeys.every(({ store }) => store === to);
  const keys = [...moved.map(({ id }) => keyOf(id)), ...(isPepperMoved ? [pepperKey] : [])];
  return keys.flatMap((key) => stores.map((from) => ({ key, from, to })));
};

const whyLeft: Record<Exclude<CopyResult, 'copied'>, (item: Item) => string> = {
  absent: ({ label, from }) => `${label} is not in the ${from}`,
  occupied: ({ what, label, from, to }) =>
    `${label} stays in the ${from}: ${what === 'captures' ? 'captures' : 'keys'} were made with another one in the ${to}`,
};

const isAt = (items: readonly Item[], key: string, store: SecretStoreName): boolean =>
  items.some((item) => item.key === key && item.from === store);

/** The records with the new place of what was copied; what was changed meanwhile stays as it is. */
const pointedAt =
  (items: readonly Item[], to: SecretStoreName) =>
  ({ accounts, clientKeys }: Records): Records => ({
    accounts: accounts.map((account) =>
      isAt(items, keyOf(account.id), account.store) ? { ...account, store: to } : account,
    ),
    clientKeys: clientKeys.map((key) => (isAt(items, pepperKey, key.store) ? { ...key, store: to } : key)),
  });

/**
 * Moves every secret to one store: copies all and reads each back, points all records there in one write, and only then
 * deletes the old copies. Killed at any moment, every record names a store that has its secret. Running it again removes what a
 * killed one has left. Rejects with what stores and the config file say; then nothing has moved, or all of it.
 */
export const moveSecrets = async (options: MoveSecretsOptions): Promise<MoveReport> => {
  const { to, read, document, run } = options;
  const records = read();
  const others = await askOthers(options, records);
  const copied: Item[] = [];
  const left: string[] = [];
  const ofRecords = [...accountItems(records, to), ...pepperItems(records, to)];
  for (const item of [...ofRecords, ...others.items, ...captureItems(others.answering, to)]) {
    const { key, from, replace } = item;
    const [result] = (await run({ name: 'copy', key, from, to, replace }, null)) as CopyResult[];
    if (result === 'copied') copied.push(item);
    // Most have never captured anything.
    else if (item.what !== 'captures' || result === 'occupied') left.push(whyLeft[result ?? 'absent'](item));
  }
  if (copied.some(({ what }) => what === 'account' || what === 'clientKeys'))
    await document.updateTogether(pointedAt(copied, to));
  for (const { key, from, label } of copied) {
    await run({ name: 'leave', key, from, to }, null).catch((error: unknown) => {
      const reason = asCcrError(error).message;
      left.push(`${label} was moved; its old copy is still in the ${from}: ${reason}`);
    });
  }
  for (const { key, from } of leftovers(records, to, others.answering)) {
    await run({ name: 'leave', key, from, to }, null).catch(() => {});
  }
  const count = (what: Item['what']): number => copied.filter((item) => item.what === what).length;
  return { accounts: count('account'), clientKeys: count('clientKeys'), named: count('named'), left };
};
