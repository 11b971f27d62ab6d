import { spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { systemCode } from '../shared/system-code.ts';

const forwarded = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
/** Signals that a key sends to every process of the terminal at once. */
const fromKeyboard = new Set<NodeJS.Signals>(['SIGINT', 'SIGQUIT']);

/** Why a program did not start, by the system's word. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'not found',
  EACCES: 'not executable',
  ENOEXEC: 'not a program',
};

const cannotStart = (command: string, error: Error): CcrError => {
  const code = systemCode(error, error.message);
  return new CcrError('failed', `cannot run ${sanitize(command, 100)}: ${reasons[code] ?? code}`, {
    hint: 'check the name and PATH',
    cause: error,
  });
};

/**
 * Runs a program without a shell and returns its exit code when it ends, 128 + n when signal n ended it. SIGINT,
 * SIGQUIT, SIGTERM and SIGHUP that we get are passed on to it, and it gets SIGTERM when `signal` is aborted. On a terminal
 * (`interactive`) the first two are not: the key has reached the program already, and twice means something else to many. A
 * CcrError('failed') when it cannot start.
 */
export const runProgram = (options: {
  command: string;
  args: readonly string[];
  env: Environment;
  stdio?: StdioOptions;
  interactive?: boolean;
  signal?: AbortSignal;
}): Promise<number> => {
  const { command, args, env, stdio = 'inherit', signal: ending } = options;
  const { interactive = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY) } =
    options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio });
    const pass = (signal: NodeJS.Signals): void => {
      if (!interactive || !fromKeyboard.has(signal)) child.kill(signal);
    };
    // Listening also keeps these signals from ending us before the program has.
    for (const signal of forwarded) process.on(signal, pass);
    const end = (): void => void child.kill('SIGTERM');
    ending?.addEventListener('abort', end);
    if (ending?.aborted === true) end();
    const finish = (): void => {
      ending?.removeEventListener('abort', end);
      for (const signal of forwarded) process.off(signal, pass);
    };
    child.once('error', (error) => {
      // Also emitted when a signal could not be sent; then the program runs on.
      if (child.pid !== undefined) return;
      finish();
      reject(cannotStart(command, error));
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
};
