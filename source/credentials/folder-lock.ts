import { mkdirSync, renameSync, rmdirSync, statSync, utimesSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../shared/clock.ts';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';

/** How a lock of this kind is kept. All in ms but `tries`. */
export type LockManners = {
  /** Nobody has renewed it for so long: its holder is gone. */
  staleMs: number;
  renewMs: number;
  tries: number;
  /** Between two tries, at least and at most. */
  waitMs: readonly [least: number, most: number];
};

/** Those of Claude Code (2.1.330), for its credentials. */
export const claudeCodeManners: LockManners = {
  staleMs: 60_000,
  renewMs: 5_000,
  tries: 5,
  waitMs: [1_000, 2_000],
};

export type FolderLockOptions = {
  manners: LockManners;
  clock: Pick<Clock, 'now'>;
  random?: () => number;
};

/** What tells one folder at a path from the next one there; a clock may stand still between two of them. */
type Seen = { inode: number; mtimeMs: number };

const seenOf = ({ ino, mtimeMs }: Stats): Seen => ({ inode: ino, mtimeMs });
const same = (one: Seen, other: Seen): boolean => one.inode === other.inode && one.mtimeMs === other.mtimeMs;

const cannot = (path: string, code: string, cause: unknown): CcrError =>
  new CcrError('store_unavailable', `cannot take the lock ${path} (${code})`, {
    hint: 'check that its folder is there and can be written to; without the lock nothing is refreshed',
    cause,
  });

const lookAt = (path: string): Stats | null => {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw cannot(path, systemCode(error), error);
  }
};

/** Makes the folder; null when there is one already, or somebody took it for the one that was there before. */
const make = (path: string): Seen | null => {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return null;
    throw cannot(path, systemCode(error), error);
  }
  const made = lookAt(path);
  return made === null ? null : seenOf(made);
};

/**
 * Takes an abandoned lock away. Only who has a folder named after that very lock may: of two of ours that found it, the
 * second would take away what the first has made in its place. It is moved into it and looked at there: what a program
 * that knows nothing of this made in its place in that very moment is alive, and goes back.
 */
const removeStale = (path: string, stale: Seen, isAbandoned: (stat: Stats) => boolean): void => {
  const claim = `${path}.stale-${stale.inode}-${stale.mtimeMs}`;
  const aside = join(claim, 'lock');
  try {
    if (make(claim) === null) {
      const other = lookAt(claim);
      // Of a process that was killed within these lines.
      if (other !== null && isAbandoned(other)) rmdirSync(claim);
      return;
    }
    try {
      if (!same(seenOf(statSync(path)), stale)) return;
      renameSync(path, aside);
      if (same(seenOf(statSync(aside)), stale)) rmdirSync(aside);
      else renameSync(aside, path);
    } finally {
      rmdirSync(claim);
    }
  } catch (error) {
    // Somebody else was quicker.
    if (systemCode(error) !== 'ENOENT') throw cannot(path, systemCode(error), error);
  }
};

type Held = { release(): void };

const take = (path: string, { manners, clock }: FolderLockOptions): Held | null => {
  const isAbandoned = ({ mtimeMs }: Stats): boolean => mtimeMs <= clock.now() - manners.staleMs;
  let mine = make(path);
  if (mine === null) {
    const found = lookAt(path);
    if (found !== null) {
      if (!found.isDirectory()) throw cannot(path, 'a file is in its place', undefined);
      if (!isAbandoned(found)) return null;
      removeStale(path, seenOf(found), isAbandoned);
    }
    mine = make(path);
    if (mine === null) return null;
  }
  return hold(path, mine, { manners, clock });
};

/** Renews the lock until it is given back. One that somebody else holds by now is neither renewed nor removed. */
const hold = (path: string, first: Seen, { manners, clock }: FolderLockOptions): Held => {
  let mine: Seen | null = first;
  const stillMine = (): boolean => {
    try {
      if (mine !== null && !same(seenOf(statSync(path)), mine)) mine = null;
    } catch {
      mine = null;
    }
    return mine !== null;
  };
  const renew = (): void => {
    if (!stillMine()) return clearInterval(timer);
    try {
      const seconds = clock.now() / 1000;
      utimesSync(path, seconds, seconds);
      mine = seenOf(statSync(path));
    } catch {
      mine = null;
    }
  };
  const timer = setInterval(renew, manners.renewMs);
  timer.unref();
  return {
    release: () => {
      clearInterval(timer);
      try {
        if (stillMine()) rmdirSync(path);
      } catch {
        // It is gone, or somebody put something into it: nothing of ours is left to give back.
      }
    },
  };
};

/** All of them or none: what was taken before one that is held is given back. */
const takeAll = (paths: readonly string[], options: FolderLockOptions): Held[] | { held: string } => {
  const taken: Held[] = [];
  try {
    for (const path of paths) {
      const held = take(path, options);
      if (held === null) {
        for (const each of taken) each.release();
        return { held: path };
      }
      taken.push(held);
    }
    return taken;
  } catch (error) {
    for (const each of taken) each.release();
    throw error;
  }
};

/**
 * Runs the work while this process holds all of these locks: folders that are made, renewed and removed, as the
 * proper-lockfile package does, so that programs which use that package keep out. A lock that is renewed is never
 * taken; one that is abandoned is. Rejects with `locked` when one stays held, with `store_unavailable` when one cannot
 * be made.
 */
export const withFolderLocks = async <T>(
  paths: readonly string[],
  options: FolderLockOptions,
  work: () => Promise<T>,
): Promise<T> => {
  const { manners, random = Math.random } = options;
  const [least, most] = manners.waitMs;
  for (let left = manners.tries; ;) {
    const taken = takeAll(paths, options);
    if (Array.isArray(taken)) {
      try {
        return await work();
      } finally {
        for (const held of taken) held.release();
      }
    }
    left -= 1;
    if (left <= 0) {
      throw new CcrError('locked', `another program holds the lock ${taken.held}`, {
        hint: 'it is refreshing the same login; this is tried again',
      });
    }
    await delay(least + random() * (most - least));
  }
};
