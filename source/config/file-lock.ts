import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';

export type FileLock = {
  /** Runs the action while no other process (and no other call of this lock) runs one. */
  run<T>(action: () => T | Promise<T>): Promise<T>;
};

export type FileLockOptions = {
  /** A holder that was killed leaves its lock behind: so long after its last sign of life it is taken over. */
  staleMs?: number;
};

const standardStaleMs = 2000;
/**
 * Longer than a left-behind lock can look alive: proper-lockfile first dates a lock up to 1 s into the future, to
 * learn the precision of the file system's clock.
 */
const beyondStaleMs = 1500;

/** proper-lockfile makes its folder with the mode of the umask; ours are 0700 from their first moment. */
const privateFs = {
  ...fs,
  mkdir: (path: string, done: (error: NodeJS.ErrnoException | null) => void): void =>
    fs.mkdir(path, { mode: 0o700 }, done),
};

/** Held, or lost to another process in the moment of taking it: worth another try. */
const mayComeFree = (code: string, path: string): boolean =>
  code === 'ELOCKED' || (code === 'ENOENT' && fs.existsSync(dirname(path)));

/** What tells the lock of one holder from that of the next, and stays while it is renewed; null when there is none. */
const holdingOf = (path: string): string | null => {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.ino} ${stat.birthtimeMs}`;
};

/** Of those that come and go so many times the patience with one may be spent. */
const holders = 10;

/**
 * How long a lock is waited for: for each holder anew, as a slow disk and two who write one entry after the other leave
 * only moments between them. Told after a try whether there was time for another one.
 */
const createPatience = (path: string, ms: number): ((began: number) => boolean) => {
  const start = performance.now();
  let holding: string | null = null;
  let since = start;
  return (began) => {
    const now = holdingOf(path);
    if (now !== holding) [holding, since] = [now, began];
    return began - since <= ms && began - start <= holders * ms;
  };
};

const acquire = async (path: string, staleMs: number): Promise<() => Promise<void>> => {
  const { default: lockfile } = await import('proper-lockfile');
  const isPatient = createPatience(path, staleMs + beyondStaleMs);
  for (;;) {
    // The time of its beginning: a try that the system held up saw the lock as it was before, and is not the last one.
    const began = performance.now();
    try {
      const onCompromised = (): void => {};
      const options = {
        lockfilePath: path,
        realpath: false,
        fs: privateFs,
        stale: staleMs,
        update: staleMs / 2,
        onCompromised,
      };
      return await lockfile.lock(path, options);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOTDIR') {
        throw new CcrError('locked', `${path} is in the way of our lock`, {
          hint: 'move it away',
          cause: error,
        });
      }
      if (!mayComeFree(code, path)) {
        throw new CcrError('failed', `cannot lock ${path} (${code})`, {
          hint: 'check that its folder can be written to',
          cause: error,
        });
      }
      if (!isPatient(began)) {
        const name = basename(path, '.lock');
        throw new CcrError('locked', `another process is writing ${name}`, {
          hint: `try again; if nothing runs, remove ${path}`,
          cause: error,
        });
      }
    }
    await delay(5 + Math.random() * 25);
  }
};

/**
 * A lock between processes, for writes of a few milliseconds. `run` waits up to 3.5 s for one that holds it, or 1.5 s more
 * than a lock goes stale in, then rejects with `locked`; a lock that a killed process left behind is taken over.
 */
export const createFileLock = (
  path: string,
  { staleMs = standardStaleMs }: FileLockOptions = {},
): FileLock => {
  let tail: Promise<unknown> = Promise.resolve();
  const runAlone = async <T>(action: () => T | Promise<T>): Promise<T> => {
    const release = await acquire(path, staleMs);
    try {
      return await action();
    } finally {
      // A lock that was lost meanwhile (a suspended process) is not ours to give back.
      await release().catch(() => {});
    }
  };
  return {
    run: (action) => {
      const turn = tail.then(() => runAlone(action));
      tail = turn.catch(() => {});
      return turn;
    },
  };
};
