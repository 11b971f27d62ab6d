import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';

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

/** proper-lockfile makes its folder with the mode of the umask; ours are 0700 from their first moment. */
const privateFs = {
  ...fs,
  mkdir: (path: string, done: (error: NodeJS.ErrnoException | null) => void): void =>
    fs.mkdir(path, { mode: 0o700 }, done),
};

/** Held, or lost to another process in the moment of taking it: worth another try. */
const mayComeFree = (code: string, path: string): boolean =>
  code === 'ELOCKED' || (code === 'ENOENT' && fs.existsSync(dirname(path)));

const acquire = async (path: string): Promise<() => Promise<void>> => {
  const { default: lockfile } = await import('proper-lockfile');
  const deadline = performance.now() + patienceMs;
  for (;;) {
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
