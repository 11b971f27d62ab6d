import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CcrError } from '../shared/errors.ts';

export type FileLock = {
  /** Runs the action while no other process (and no other call of this lock) runs one. */
  run<T>(action: () => T | Promise<T>): Promise<T>;
};

/** A holder that was killed leaves its lock behind; nobody works under one for longer than this. */
const staleMs = 2000;
/**
 * Longer than a left-behind lock can look alive: proper-lockfile first dates a lock up to 1 s into the future, to
 * learn the precision of the file system's clock.
 */
const patienceMs = 3500;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';

/** Codes of a lock that is held, or whose folder just changed hands. */
const held: ReadonlySet<string> = new Set(['ELOCKED', 'ENOENT']);

const acquire = async (path: string): Promise<() => Promise<void>> => {
  const { default: lockfile } = await import('proper-lockfile');
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      const onCompromised = (): void => {};
      const options = {
        lockfilePath: path,
        realpath: false,
        stale: staleMs,
        update: staleMs / 2,
        onCompromised,
      };
      return await lockfile.lock(path, options);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOTDIR') {
        throw new CcrError('locked', `${path} is in the way of our lock`, {
          hint: 'move it away',
          cause: error,
        });
      }
      if (!held.has(code)) {
        throw new CcrError('failed', `cannot lock ${path} (${code})`, {
          hint: 'check that its folder can be written to',
          cause: error,
        });
      }
      if (performance.now() > deadline) {
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
 * A lock between processes, for writes of a few milliseconds. `run` waits up to 3.5 s, then rejects with `locked`;
 * a lock that a killed process left behind is taken over.
 */
export const createFileLock = (path: string): FileLock => {
  let tail: Promise<unknown> = Promise.resolve();
  const runAlone = async <T>(action: () => T | Promise<T>): Promise<T> => {
    const release = await acquire(path);
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
