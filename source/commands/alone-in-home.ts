import { ensureFolder, resolvePaths } from '../config/paths.ts';
import { acquireInstanceLock } from '../control/instance-lock.ts';
import type { CommandContext } from './context.ts';

/**
 * Does the work while no instance can start in this home: one that began with the places of before would renew logins
 * where nobody looks for them afterwards. Rejects with `already_running` when one does run.
 */
export const aloneInHome = async <T>(context: CommandContext, work: () => Promise<T>): Promise<T> => {
  const { env, version, clock } = context;
  const paths = resolvePaths(env);
  for (const folder of paths.folders) ensureFolder(folder);
  const lockFile = paths.instanceLock;
  const lock = await acquireInstanceLock({ lockFile, version, now: clock.now(), pid: process.pid });
  try {
    return await work();
  } finally {
    lock.release();
  }
};
