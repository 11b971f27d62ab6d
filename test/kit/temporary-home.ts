import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TemporaryHome = {
  /** Absolute, without symbolic links, short enough for a Unix socket inside. */
  path: string;
  /** Removes it with everything in it. */
  remove(): Promise<void>;
};

/** A new empty folder of mode 0700. */
export const temporaryHome = async (): Promise<TemporaryHome> => {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'ccr-'));
  return {
    path,
    // A process that was killed may still be closing its files (Windows refuses meanwhile).
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
};
