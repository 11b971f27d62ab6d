import { RecentMap } from '../shared/recent-map.ts';
import type { AccountId } from '../shared/types.ts';
import { openLateFile, readLateFile } from './late-file.ts';
import { mostOwners, type Owner } from './owners.ts';

/** Who made which batch or file, across restarts: a list of pairs, oldest first, in a file of its own (mode 0600). */
export type OwnersFile = {
  /** What it said at the start; empty when there was none, or none that can be read. */
  known: readonly Owner[];
  /** Writes it before long, beside everything else. A disk that does not take it costs the memory of that alone. */
  add(owner: Owner): void;
  /** Writes what is not written yet. Never rejects. */
  close(): Promise<void>;
};

/** `path` null is for a process that has no home: nothing is known, and nothing is written. */
export const openOwnersFile = (path: string | null): OwnersFile => {
  if (path === null) return { known: [], add: () => undefined, close: async () => undefined };
  const known = readOwners(path);
  const all = new RecentMap<AccountId>(mostOwners);
  for (const { id, account } of known) all.set(id, account);
  const file = openLateFile(path, () => JSON.stringify([...all]));
  return {
    known,
    add({ id, account }) {
      all.set(id, account);
      file.changed();
    },
    close: file.close,
  };
};

const isPair = (value: unknown): value is [string, AccountId] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');

const readOwners = (path: string): Owner[] => {
  const value = readLateFile(path);
  if (!Array.isArray(value)) return [];
  return value
    .filter(isPair)
    .slice(-mostOwners)
    .map(([id, account]) => ({ id, account }));
};
