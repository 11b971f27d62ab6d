import { spawn } from 'node:child_process';
import { once } from 'node:events';

export const programFile = new URL('../../distribution/bin.cjs', import.meta.url).pathname;

export type Ran = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

export type RunOptions = {
  /** CCR_TUI_HOME of the command. */
  home: string;
  /** All of stdin; nothing by default. */
  input?: string;
  env?: Readonly<Record<string, string>>;
  /** Options for Node itself. */
  node?: readonly string[];
};

/** What a command may know of this machine: a path to programs and its own home, no key and no running keyring. */
export const bareEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  CCR_TUI_HOME: home,
  // Nobody answers there: a command that wants a keychain must cope, and no test may touch a real one.
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
});

/** Runs the built program to its end. */
export const runCommand = async (args: readonly string[], options: RunOptions): Promise<Ran> => {
  const { home, input = '', env = {}, node = [] } = options;
  const child = spawn(process.execPath, [...node, programFile, ...args], {
    env: { ...bareEnvironment(home), ...env },
    stdio: 'pipe',
  });
  const ran: Ran = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.stderr += text));
  // A command that ends without reading its input closes the pipe; that is not a failure of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ...ran, code, signal };
};
