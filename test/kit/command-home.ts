import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { programFile } from './program-environment.ts';
import { runProgram, startProgram, type Program, type ProgramExit } from './program.ts';
import { startPty, type Pty } from './pty.ts';
import { mayRunHere, runHere } from './run-here.ts';
import { temporaryHome, type TemporaryHome } from './temporary-home.ts';

export type Serving = { url: string; pid: number; program: Program };

type Environment = Readonly<Record<string, string>>;

export type CommandHome = {
  readonly path: string;
  /** Runs a command to its end; `input` is all of its stdin. A program of its own, but for `inPlace`. */
  run(args: readonly string[], input?: string, env?: Environment): Promise<ProgramExit>;
  /** The same as a program of its own, whatever it is. */
  runProgram(args: readonly string[], input?: string, env?: Environment): Promise<ProgramExit>;
  /** Starts a command and leaves it running; ended after the test. */
  start(args: readonly string[]): Program;
  /** What the command prints with `--json`, parsed; inside this process where that is all the same. */
  json(args: readonly string[]): Promise<unknown>;
  /** Adds an account of kind `compatible`, inside this process. */
  addAccount(name: string, baseUrl?: string): Promise<ProgramExit>;
  /** Starts `serve` in this home on a free port; ended after the test if it still runs. */
  serve(): Promise<Serving>;
  /** Runs a line of shell in a real terminal; `ccr_tui` in it is the program. Ended after the test. */
  typeInto(line: string): Pty;
  /** Name, time, mode and content of each file: to see that a command touched nothing. Empty for an empty home. */
  snapshot(): string;
  read(name: string): string;
  write(name: string, text: string): void;
};

// Nobody answers there: a command that wants a keychain must cope, and no test may touch a real one.
const noKeyring = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };

const snapshotOf = (path: string): string =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    // A running instance opens its history in its own time, with side files that come and go.
    .filter((name) => !name.startsWith('history.sqlite'))
    .sort()
    .map((name) => {
      const stat = statSync(join(path, name));
      const content = stat.isFile() ? readFileSync(join(path, name), 'base64') : '';
      return [name, stat.mtimeMs, stat.mode, content].join(' ');
    })
    .join('\n');

const startServing = async (home: string, programs: { stop(): Promise<void> }[]): Promise<Serving> => {
  const program = startProgram(['serve', '--port', '0', '--json'], { home, env: noKeyring });
  programs.push(program);
  const { url, pid } = JSON.parse(await program.waitForLine('"listening"')) as { url: string; pid: number };
  return { url, pid, program };
};

/**
 * A home of its own for each test of the file it is called in; commands in it are the built program. With `inPlace`
 * those that may are carried out inside this process, for a tenth of the time: for files that are about the command.
 */
export const useCommandHome = ({ inPlace = false } = {}): CommandHome => {
  let home: TemporaryHome | null = null;
  let programs: { stop(): Promise<void> }[] = [];
  beforeEach(async () => {
    home = await temporaryHome();
    programs = [];
  });
  afterEach(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await home?.remove();
  });
  const path = (): string => home?.path ?? '';
  const runApart: CommandHome['run'] = (args, input = '', env = {}) =>
    runProgram(args, { home: path(), input, env: { ...noKeyring, ...env } });
  const here: CommandHome['run'] = (args, input = '', env = {}) =>
    runHere(args, { home: path(), input, env: { ...noKeyring, ...env } });
  const hereOrApart: CommandHome['run'] = (args, ...rest) =>
    (mayRunHere(args) ? here : runApart)(args, ...rest);
  return {
    get path() {
      return path();
    },
    run: inPlace ? hereOrApart : runApart,
    runProgram: runApart,
    start: (args) => {
      const program = startProgram(args, { home: path(), env: noKeyring });
      programs.push(program);
      return program;
    },
    json: async (args) => {
      const { stdout, stderr, code } = await hereOrApart([...args, '--json']);
      if (stdout === '') throw new Error(`exit ${String(code)}: ${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
    addAccount: (name, baseUrl = 'https://relay.example') =>
      here(['account', 'add', name, '--kind', 'compatible', '--base-url', baseUrl], `key-of-${name}\n`),
    serve: () => startServing(path(), programs),
    typeInto: (line) => {
      const words = `'${process.execPath}' '${programFile}' "$@"`;
      const pty = startPty(['-c', `ccr_tui() { ${words}; }; ${line}`], {
        home: path(),
        command: '/bin/sh',
        env: noKeyring,
      });
      programs.push(pty);
      return pty;
    },
    snapshot: () => snapshotOf(path()),
    read: (name) => readFileSync(join(path(), name), 'utf8'),
    write: (name, text) => writeFileSync(join(path(), name), text, { mode: 0o600 }),
  };
};
