import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { AccountId } from '../shared/types.ts';
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

/** Two writes are so far apart, whatever is made. */
const everyMs = 1000;

/** `path` null is for a process that has no home: nothing is known, and nothing is written. */
export const openOwnersFile = (path: string | null): OwnersFile => {
  if (path === null) return { known: [], add: () => undefined, close: async () => undefined };
  const known = readOwners(path);
  const all = new Map(known.map(({ id, account }) => [id, account]));
  let isWritten = true;
  let writing: Promise<void> | null = null;

  const write = async (): Promise<void> => {
    while (!isWritten) {
      isWritten = true;
      await replace(path, JSON.stringify([...all])).catch(() => undefined);
    }
  };
  const writeSoon = async (): Promise<void> => {
    await delay(everyMs, undefined, { ref: false });
    await write();
    writing = null;
    if (!isWritten) writing = writeSoon();
  };

  return {
    known,
    add({ id, account }) {
      all.delete(id);
      all.set(id, account);
      const [oldest] = all.keys();
      if (all.size > mostOwners && oldest !== undefined) all.delete(oldest);
      isWritten = false;
      writing ??= writeSoon();
    },
    close: write,
  };
};

/** The old content or the new one, also after a crash. */
const replace = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
};

const isPair = (value: unknown): value is [string, AccountId] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');

const readOwners = (path: string): Owner[] => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!Array.isArray(value)) return [];
    return value
      .filter(isPair)
      .slice(-mostOwners)
      .map(([id, account]) => ({ id, account }));
  } catch {
    return [];
  }
};
