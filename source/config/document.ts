import { lstatSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { CcrError } from '../shared/errors.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { AccountRecord } from '../shared/types.ts';
import { systemCode } from '../shared/system-code.ts';
import { accountJson, parseAccounts } from './account-record.ts';
import { clientKeyJson, parseClientKeys } from './client-key-record.ts';
import { readConfigFile } from './config-file.ts';
import { removeLeftovers, syncFolder } from './durable-file.ts';
import { createFileLock } from './file-lock.ts';
import { ensureFolder, type Paths } from './paths.ts';
import { groups, settingNamed, settingValue } from './schema.ts';
import { invalidConfig } from './settings.ts';

/** The only writer of config.json. */
export type Document = {
  /**
   * Replaces the accounts by what `change` makes of the newest ones, and returns the new list. `change` runs while
   * nobody else can write; what it throws is passed on and leaves the file alone.
   */
  updateAccounts(
    change: (accounts: readonly AccountRecord[]) => readonly AccountRecord[],
  ): Promise<AccountRecord[]>;
  /** Replaces accounts and keys of clients in one write, as `updateAccounts` replaces the accounts. Takes no key away. */
  updateTogether(change: (lists: Lists) => Lists): Promise<Lists>;
  /** Replaces the keys of clients as `updateAccounts` replaces the accounts. */
  updateClientKeys(
    change: (keys: readonly ClientKeyRecord[]) => readonly ClientKeyRecord[],
  ): Promise<ClientKeyRecord[]>;
  /** Stores one setting; `restart`: it takes effect at the next start. `usage` for an unknown key or a wrong value. */
  set(key: string, value: unknown): Promise<{ restart: boolean }>;
  /** Puts one setting back to its default. `usage` for an unknown key. */
  unset(key: string): Promise<{ restart: boolean }>;
};

export type Lists = { accounts: readonly AccountRecord[]; clientKeys: readonly ClientKeyRecord[] };

type Store = {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** All of them in one write. */
  set(values: Readonly<Record<string, unknown>>): void;
  delete(key: string): void;
};

/**
 * conf writes in place, not atomically, when it believes to run inside a Snap package: SNAP is also set in terminals
 * of programs that came as one (conf 16, `#writeFile`).
 */
const outsideSnap = <T>(action: () => T): T => {
  const { SNAP: snap } = process.env;
  if (snap === undefined) return action();
  delete process.env.SNAP;
  try {
    return action();
  } finally {
    process.env.SNAP = snap;
  }
};

const loadConf = async (path: string): Promise<() => Store> => {
  const { default: Conf } = await import('conf');
  const extension = extname(path);
  return () =>
    new Conf<Record<string, unknown>>({
      projectName: 'ccr-tui',
      projectSuffix: '',
      cwd: dirname(path),
      configName: basename(path, extension),
      fileExtension: extension.slice(1),
      configFileMode: 0o600,
      // A file that cannot be read is a person's work: conf would replace it by an empty one.
      clearInvalidConfig: false,
      serialize: (value) => `${JSON.stringify(value, null, 2)}\n`,
    });
};

const writeError = (path: string, error: unknown): unknown => {
  if (error instanceof CcrError) return error;
  return new CcrError('failed', `cannot write ${path} (${systemCode(error, 'unexpected content')})`, {
    hint: 'nothing was changed; check the disk and who may write there',
    cause: error,
  });
};

const checkFile = (path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    // The rename of an atomic write would either replace the link or write into a folder that is not ours.
    throw new CcrError('failed', `${path} is a symbolic link and is only read`, {
      hint: 'change the file it points at, or put the file itself there',
    });
  }
  const { problems } = readConfigFile(path);
  if (problems.length > 0) throw invalidConfig(path, problems);
};

const syncOrTell = (path: string, onUnsynced: DocumentOptions['onUnsynced']): void => {
  try {
    syncFolder(dirname(path));
  } catch (error) {
    if (onUnsynced === undefined) throw error;
    onUnsynced(`${path} is changed, but a power cut may undo that: the disk reports ${systemCode(error)}`);
  }
};

type List<T> = {
  key: string;
  parse(value: unknown): { items: T[]; problems: string[] };
  toJson(item: T): unknown;
};

const accountList: List<AccountRecord> = {
  key: 'accounts',
  toJson: accountJson,
  parse(value) {
    const { accounts, problems } = parseAccounts(value);
    return { items: accounts, problems };
  },
};

const keyList: List<ClientKeyRecord> = {
  key: 'clientKeys',
  toJson: clientKeyJson,
  parse(value) {
    const { keys, problems } = parseClientKeys(value);
    return { items: keys, problems };
  },
};

const readList = <T>(store: Store, { key, parse }: List<T>): T[] => {
  const value = store.get(key);
  return value === undefined ? [] : parse(value).items;
};

/** The list as it will be read again, and as the file keeps it. Throws what is wrong with it. */
const checkList = <T>(
  list: readonly T[],
  { key, parse, toJson }: List<T>,
): { items: T[]; json: unknown[] } => {
  const json = list.map((item) => toJson(item));
  const { items, problems } = parse(json);
  if (problems.length > 0) throw new CcrError('failed', `refused to store ${key}`, { problems });
  return { items, json };
};

const replaceList = <T>(store: Store, update: (items: readonly T[]) => readonly T[], list: List<T>): T[] => {
  const { items, json } = checkList(update(readList(store, list)), list);
  store.set(list.key, json);
  return items;
};

const replaceTogether = (store: Store, update: (lists: Lists) => Lists): Lists => {
  const next = update({ accounts: readList(store, accountList), clientKeys: readList(store, keyList) });
  const accounts = checkList(next.accounts, accountList);
  const clientKeys = checkList(next.clientKeys, keyList);
  const keys = clientKeys.json.length > 0 ? { [keyList.key]: clientKeys.json } : {};
  store.set({ [accountList.key]: accounts.json, ...keys });
  return { accounts: accounts.items, clientKeys: clientKeys.items };
};

export type DocumentOptions = {
  /**
   * Told in words that a change is in the file, but that the disk has not said it would survive a power cut. Left out = the change
   * rejects then, although it is there: for who keeps nothing in memory that would differ from it.
   */
  onUnsynced?(text: string): void;
};

/** Opens config.json for writing; touches nothing until the first change. Changes reject with `locked`, `invalid_config` or `failed`. */
export const openDocument = (
  paths: Pick<Paths, 'config' | 'configLock'>,
  { onUnsynced }: DocumentOptions = {},
): Document => {
  const path = paths.config;
  const lock = createFileLock(paths.configLock);

  /** Everything from reading to renaming happens in one turn of the event loop, so the lock is held for milliseconds. */
  const change = async <T>(action: (store: Store) => T): Promise<T> => {
    const openStore = await loadConf(path);
    ensureFolder(dirname(path));
    return lock.run(() => {
      try {
        removeLeftovers(path);
        checkFile(path);
        const result = outsideSnap(() => action(openStore()));
        syncOrTell(path, onUnsynced);
        return result;
      } catch (error) {
        throw writeError(path, error);
      }
    });
  };

  return {
    updateAccounts: (update) => change((store) => replaceList(store, update, accountList)),
    updateTogether: (update) => change((store) => replaceTogether(store, update)),
    updateClientKeys: (update) => change((store) => replaceList(store, update, keyList)),

    set: async (key, value) => {
      const { restart } = settingNamed(key);
      const checked = settingValue(key, value);
      await change((store) => store.set(key, checked));
      return { restart };
    },

    unset: async (key) => {
      const { restart } = settingNamed(key);
      await change((store) => {
        if (store.get(key) === undefined) return;
        store.delete(key);
        const [group = ''] = key.split('.');
        const rest = groups.has(group) ? store.get(group) : null;
        if (typeof rest === 'object' && rest !== null && Object.keys(rest).length === 0) store.delete(group);
      });
      return { restart };
    },
  };
};
