import { basename } from 'node:path';
import { runEnvironment } from '../clients/run-environment.ts';
import { runProgram } from '../clients/run-program.ts';
import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { newClientKey } from '../credentials/key-pepper.ts';
import { nameWithoutKey, unlimited } from '../shared/client-key.ts';
import { bytesOfSecret } from '../shared/secret-bytes.ts';
import type { CommandContext } from './context.ts';
import { openKeyRing } from './key-ring.ts';
import { notRunning, reachInstance } from './reach-instance.ts';

/** The program's name in the letters that a key may be called by. */
const nameFor = (command: string): string => {
  const name = basename(command)
    .replace(/[^A-Za-z0-9._@+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 58);
  return name === '' || name === nameWithoutKey ? 'program' : name;
};

/**
 * `run -- COMMAND`: a program that reaches the proxy by its environment; ends with that program's exit code. Its key ends
 * with it, and with this process, however that ends.
 */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, env } = context;
  const [command = '', ...args] = positionals;
  const instance = await reachInstance(resolvePaths(env));
  if (instance === null) throw notRunning('start ccr-tui or ccr-tui serve first');
  const key = newClientKey();
  const { pid } = process;
  const wanted = { name: nameFor(command), kind: 'run', limits: unlimited, pid } as const;
  const { url } = instance.welcome;
  const made = await instance.run('key.create', wanted, bytesOfSecret(key)).finally(() => instance.close());
  try {
    const { cert } = loadSettings({ paths: resolvePaths(env), env, flags: {} }).config.tls;
    return await runProgram({ command, args, env: runEnvironment(env, url, key, cert) });
  } finally {
    // Sooner than an instance finds out by itself, which it does in any case.
    await openKeyRing(context)
      .revoke(made.key.id, 'run')
      .catch(() => undefined);
  }
};
