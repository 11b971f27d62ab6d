import { setTimeout as wait } from 'node:timers/promises';
import { resolvePaths } from '../config/paths.ts';
import { isProcessAlive } from '../control/process-identity.ts';
import { CcrError } from '../shared/errors.ts';
import type { CommandContext } from './context.ts';
import { print } from './print.ts';
import { notRunning, reachInstance } from './reach-instance.ts';

// Between the end of the control socket and the end of the process lie the last writes; they take milliseconds.
const lookEveryMs = 20;
const endsWithinMs = 10_000;

const processEnded = async (pid: number, monotonic: () => number): Promise<void> => {
  const deadline = monotonic() + endsWithinMs;
  while (isProcessAlive(pid)) {
    if (monotonic() > deadline) {
      throw new CcrError('failed', `the instance (pid ${pid}) has closed but does not end`, {
        hint: `end it with kill ${pid}`,
      });
    }
    await wait(lookEveryMs);
  }
};

/** `stop`: asks the instance to end and returns when its process has, after its requests in flight. */
export const run = async ({ env, stdout, stderr, clock }: CommandContext): Promise<number> => {
  const instance = await reachInstance(resolvePaths(env));
  if (instance === null) throw notRunning();
  const { pid } = instance.welcome;
  const { draining } = await instance.run('stop', {});
  const requests = draining === 1 ? 'request' : 'requests';
  if (draining > 0) await print(stderr, `ccr-tui: waiting for ${draining} ${requests} in flight\n`);
  await instance.closed;
  await processEnded(pid, clock.monotonic);
  await print(stdout, 'stopped\n');
  return 0;
};
