import { spawn } from '@lydell/node-pty';
import { bareEnvironment, programFile } from './run-command.ts';

export type Typed = {
  type(text: string): void;
  output(): string;
  waitFor(pattern: RegExp): Promise<void>;
  exit: Promise<number>;
};

/**
 * Runs the built program in a real terminal that a person types into. `then` is a line of shell for afterwards, in the
 * same terminal, with the exit code in `$code`.
 */
export const typeInto = (args: readonly string[], home: string, then = 'exit $code'): Typed => {
  const words = [process.execPath, programFile, ...args].map((word) => `'${word}'`).join(' ');
  const terminal = spawn('/bin/sh', ['-c', `${words}; code=$?; ${then}`], {
    cols: 100,
    rows: 30,
    env: { ...bareEnvironment(home), TERM: 'xterm-256color' },
  });
  let output = '';
  let ended = false;
  const waiting = new Set<() => void>();
  terminal.onData((text) => {
    output += text;
    for (const look of waiting) look();
  });
  const exit = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      ended = true;
      for (const look of waiting) look();
      resolve(exitCode);
    });
  });
  return {
    type: (text) => terminal.write(text),
    output: () => output,
    exit,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(output) && !ended) return;
          waiting.delete(look);
          if (pattern.test(output)) resolve();
          else reject(new Error(`ended without ${String(pattern)}: ${output}`));
        };
        waiting.add(look);
        look();
      }),
  };
};
