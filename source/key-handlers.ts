import type { Document } from './config/document.ts';
import { createFileLock } from './config/file-lock.ts';
import { requiresClientKey } from './config/key-requirement.ts';
import type { Settings } from './config/settings.ts';
import { processBirth } from './control/process-identity.ts';
import { createKeyBook, type KeyBook } from './credentials/key-book.ts';
import { keyView, type ClientKeyView } from './shared/client-key.ts';
import type { Clock } from './shared/clock.ts';
import type { CommandHandlers, CommandName } from './shared/commands.ts';
import { CcrError } from './shared/errors.ts';
import { takeSecret } from './shared/secret-bytes.ts';
import type { Secret } from './shared/secret.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';

export type InstanceKeysOptions = {
  document: Pick<Document, 'updateClientKeys'>;
  settings: Settings;
  clock: Clock;
  proxy: Pick<SupervisedProxy, 'setClientKeys' | 'hashKey'>;
  /** Path of the lock under which one process makes a key; null where no other process can. */
  lockFile: string | null;
};

/** The keys of a running instance: every change of the records reaches the data plane before it is answered. */
export const openInstanceKeys = ({
  document,
  settings,
  clock,
  proxy,
  lockFile,
}: InstanceKeysOptions): KeyBook => {
  const lock = lockFile === null ? null : createFileLock(lockFile);
  return createKeyBook({
    document: {
      async updateClientKeys(change) {
        settings.clientKeys = await document.updateClientKeys(change);
        proxy.setClientKeys(settings.clientKeys);
        return settings.clientKeys;
      },
    },
    hasher: { hash: (key, place) => proxy.hashKey(key, place) },
    alone: (work) => (lock === null ? work() : lock.run(work)),
    clock,
    read: () => settings,
  });
};

const keyFrom = (bytes: Uint8Array | null): Secret => {
  if (bytes === null) throw new CcrError('bad_secret', 'no key was given');
  return takeSecret(bytes);
};

export type KeyHandlerOptions = {
  keys: KeyBook;
  settings: Settings;
  /** When keys were used that the records do not tell of yet, by id. */
  lastUse(id: string): ClientKeyView['lastUsedAt'];
};

type KeyCommand = Extract<CommandName, `key.${string}`>;

/** The commands about keys of clients. */
export const keyHandlers = ({ keys, settings, lastUse }: KeyHandlerOptions): CommandHandlers<KeyCommand> => ({
  'key.create': async ({ pid, ...wanted }, secret) => {
    if ((wanted.kind === 'run') !== (pid !== null)) {
      throw new CcrError('usage', 'a key of kind run ends with a process, and no other does');
    }
    const birth = pid === null ? null : processBirth(pid);
    const process = pid === null ? null : { pid, birth };
    const before = requiresClientKey(settings);
    const { record, notice } = await keys.create({ ...wanted, process }, keyFrom(secret));
    return {
      key: keyView(record),
      notice,
      required: !before && requiresClientKey(settings),
    };
  },
  'key.list': () =>
    settings.clientKeys.map((record) => ({
      ...keyView(record),
      lastUsedAt: lastUse(record.id) ?? record.lastUsedAt,
    })),
  'key.rotate': async ({ key, graceMs }, secret) => {
    const { record, notice } = await keys.rotate(key, keyFrom(secret), graceMs);
    return { key: keyView(record), notice };
  },
  'key.revoke': async ({ key, kind }) => keyView(await keys.revoke(key, kind)),
});
