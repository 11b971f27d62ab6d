import { resolvePaths } from '../config/paths.ts';
import { openSocket } from '../control/client.ts';
import { readInstance } from '../control/instance-lock.ts';
import { relay } from '../control/relay.ts';
import { CcrError } from '../shared/errors.ts';
import type { CommandContext } from './context.ts';
import { notRunning, untilStarted } from './reach-instance.ts';

const connectWithinMs = 3000;

/** `control --stdio`: the far end of `attach user@host`. Joins stdin and stdout with the instance of this home. */
export const run = async ({ options, env, stdin, stdout }: CommandContext): Promise<number> => {
  const usage = (what: string): CcrError =>
    new CcrError('usage', what, { hint: 'it is the far end of ccr-tui attach user@host' });
  if (options['stdio'] !== true) throw usage('control needs --stdio');
  if (stdin.isTTY) throw usage('control --stdio speaks with a program, not with a person');
  const paths = resolvePaths(env);
  await untilStarted(paths);
  const instance = readInstance(paths.instanceLock);
  if (instance === null) throw notRunning('start it with ccr-tui or ccr-tui serve');
  const { pid, token } = instance;
  const socket = await openSocket(instance.socket, `ccr-tui (pid ${pid})`, connectWithinMs);
  await relay({ input: stdin, output: stdout, socket, token, readOnly: options['read-only'] === true });
  return 0;
};
