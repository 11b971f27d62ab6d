import { runEnvironment } from '../clients/run-environment.ts';
import { runProgram } from '../clients/run-program.ts';
import { resolvePaths } from '../config/paths.ts';
import { Secret } from '../shared/secret.ts';
import type { CommandContext } from './context.ts';
import { notRunning, reachInstance } from './reach-instance.ts';

// The proxy replaces every client credential by an account's own; clients only insist that there is one.
const placeholderToken = new Secret('ccr-tui');

/** `run -- COMMAND`: a program that reaches the proxy by its environment; ends with that program's exit code. */
export const run = async ({ positionals, env }: CommandContext): Promise<number> => {
  const [command = '', ...args] = positionals;
  const instance = await reachInstance(resolvePaths(env));
  if (instance === null) throw notRunning('start ccr-tui or ccr-tui serve first');
  const { url } = instance.welcome;
  instance.close();
  return runProgram({ command, args, env: runEnvironment(env, url, placeholderToken) });
};
