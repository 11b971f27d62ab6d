import { spawn } from 'node:child_process';
import { programEnvironment, programFile } from './program-environment.ts';

export type ProgramOptions = {
  /** `CCR_TUI_HOME` and `HOME` of the program. */
  home: string;
  env?: Readonly<Record<string, string | undefined>>;
  /** Written to stdin, which is then closed; null leaves stdin open for `write`. Empty by default. */
  input?: string | Uint8Array | null;
  cwd?: string;
  /** Started instead of the compiled program, with this process's Node. */
  file?: string;
};

export type ProgramExit = {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

export type Program = {
  pid: number;
  stdout(): string;
  stderr(): string;
  /** The first complete line, seen or coming, that matches. Rejects when the program ends before, or after `timeoutMs`. */
  waitForLine(
    match: string | RegExp,
    options?: { from?: 'stdout' | 'stderr'; timeoutMs?: number },
  ): Promise<string>;
  write(text: string): void;
  closeInput(): void;
  signal(name: NodeJS.Signals): void;
  /** Settles when it has ended and all its output is here. */
  exit: Promise<ProgramExit>;
  /** SIGKILL if it still runs; settles when it is gone. For cleaning up. */
  stop(): Promise<void>;
};

const living = new Set<number>();
process.on('exit', () => {
  for (const pid of living) process.kill(pid, 'SIGKILL');
});

const matches = (line: string, match: string | RegExp): boolean =>
  typeof match === 'string' ? line.includes(match) : match.test(line);

/** Starts the program as a user's shell would, with pipes instead of a terminal. */
export const startProgram = (args: readonly string[], options: ProgramOptions): Program => {
  const child = spawn(process.execPath, [options.file ?? programFile, ...args], {
    env: programEnvironment(options.home, options.env),
    cwd: options.cwd ?? options.home,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      output[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const pid = child.pid ?? 0;
  if (pid > 0) living.add(pid);
  // A program that ends without reading its input breaks the pipe; that is its right.
  child.stdin.on('error', () => undefined);
  const exit = new Promise<ProgramExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => living.delete(pid));
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  exit.catch(() => undefined);
  if (options.input !== null) child.stdin.end(options.input ?? '');

  return {
    pid,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    async waitForLine(match, { from = 'stdout', timeoutMs = 30_000 } = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const fail = (why: string): void => {
        reject(new Error(`no line ${String(match)} on ${from}: ${why}\n${output.stdout}\n${output.stderr}`));
      };
      const look = (): void => {
        const line = output[from]
          .split('\n')
          .slice(0, -1)
          .find((each) => matches(each, match));
        if (line !== undefined) resolve(line);
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
      listeners.add(look);
      look();
      exit.then(
        ({ code, signal }) => fail(`it ended with ${code ?? signal}`),
        (error: unknown) => fail(String(error)),
      );
      return promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(look);
      });
    },
    write: (text) => {
      child.stdin.write(text);
    },
    closeInput: () => {
      child.stdin.end();
    },
    signal: (name) => {
      child.kill(name);
    },
    exit,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exit;
    },
  };
};

/** Starts the program and waits for its end. A program that does not end within `timeoutMs` is killed, and this rejects. */
export const runProgram = async (
  args: readonly string[],
  options: ProgramOptions & { timeoutMs?: number },
): Promise<ProgramExit> => {
  const program = startProgram(args, options);
  const { timeoutMs = 30_000 } = options;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    program.signal('SIGKILL');
  }, timeoutMs);
  const result = await program.exit.finally(() => clearTimeout(timer));
  if (late) throw new Error(`${args.join(' ')} ran over ${timeoutMs} ms\n${result.stdout}\n${result.stderr}`);
  return result;
};
