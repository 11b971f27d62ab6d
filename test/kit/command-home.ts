import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach } from 'vitest';
import { bareEnvironment, programFile, runCommand, type Ran } from './run-command.ts';

export type Serving = {
  url: string;
  pid: number;
  kill: (signal?: NodeJS.Signals) => void;
  exit: Promise<number | null>;
};

export type CommandHome = {
  path: string;
  run(args: readonly string[], input?: string, env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** What `--json` printed, parsed. */
  json(args: readonly string[]): Promise<unknown>;
  /** Adds an account of kind `compatible`. */
  addAccount(name: string, baseUrl?: string): Promise<Ran>;
  /** Starts `serve` in this home on a free port; ended after the test if it still runs. */
  serve(): Promise<Serving>;
  /** Name, size, time and content of each file: to see that a command touched nothing. */
  snapshot(): string;
  read(name: string): string;
  write(name: string, text: string): void;
};

const startServing = async (home: string, ends: (() => Promise<void>)[]): Promise<Serving> => {
  const child = spawn(process.execPath, [programFile, 'serve', '--port', '0', '--json'], {
    env: bareEnvironment(home),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  ends.push(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    exit.then((code) => Promise.reject(new Error(`serve ended with ${String(code)}`))),
  ])) as [string];
  const { url, pid } = JSON.parse(line) as { url: string; pid: number };
  return { url, pid, exit, kill: (signal) => void child.kill(signal) };
};

/** A home of its own for each test of the file it is called in; commands in it are the built program. */
export const useCommandHome = (): CommandHome => {
  let path = '';
  let ends: (() => Promise<void>)[] = [];
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'ccr-tui-'));
    ends = [];
  });
  afterEach(async () => {
    await Promise.all(ends.map((end) => end()));
    rmSync(path, { recursive: true, force: true });
  });
  const run: CommandHome['run'] = (args, input = '', env = {}) =>
    runCommand(args, { home: path, input, env });
  return {
    get path() {
      return path;
    },
    run,
    json: async (args) => {
      const { stdout, stderr, code } = await run([...args, '--json']);
      if (stdout === '') throw new Error(`exit ${String(code)}: ${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
    addAccount: (name, baseUrl = 'https://relay.example') =>
      run(['account', 'add', name, '--kind', 'compatible', '--base-url', baseUrl], `key-of-${name}\n`),
    serve: () => startServing(path, ends),
    snapshot: () =>
      readdirSync(path, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => {
          const stat = statSync(join(path, name));
          const content = stat.isFile() ? readFileSync(join(path, name), 'base64') : '';
          return [name, stat.mtimeMs, stat.mode, content].join(' ');
        })
        .join('\n'),
    read: (name) => readFileSync(join(path, name), 'utf8'),
    write: (name, text) => writeFileSync(join(path, name), text, { mode: 0o600 }),
  };
};
