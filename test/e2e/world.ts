import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach } from 'vitest';
import type { Limits } from '../../source/demo/limits.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from '../../source/demo/upstream.ts';
import { runProgram, startProgram, type Program, type ProgramExit } from '../kit/program.ts';
import { startPty, type Pty, type PtyOptions } from '../kit/pty.ts';
import { mayRunHere, runHere } from '../kit/run-here.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the simulated provider must be shown for an account of that name: shaped like a Console key. */
export const keyOf = (name: string): string => `sk-ant-api03-${name}-0123456789abcdefghij`;

export const unlimited: Limits = { kind: 'none' };

export type Served = { url: string; port: number; pid: number; program: Program };

export type World = {
  /** `CCR_TUI_HOME` of every program of the test. */
  readonly home: string;
  /** Goes to every program that is started; the vault by default, where a test is not about the keychain. */
  env: Environment;
  /** Starts the provider with these accounts, by name. Closed after the test. */
  provider(accounts: Readonly<Record<string, Limits>>, options?: Partial<UpstreamOptions>): Promise<Upstream>;
  run(args: readonly string[], input?: string, env?: Environment): Promise<ProgramExit>;
  /** Starts a program and leaves it running; ended after the test. */
  start(args: readonly string[], env?: Environment): Program;
  /** Starts it in a real terminal; ended after the test. */
  open(args: readonly string[], options?: Omit<PtyOptions, 'home'>): Pty;
  /** The same inside this process where that is all the same: for what it says, and does to the home. */
  inPlace(args: readonly string[], input?: string): Promise<ProgramExit>;
  /** Carries out what is only to be done, inside this process where that is all the same; throws when it fails. */
  given(args: readonly string[], input?: string): Promise<ProgramExit>;
  /** Carries out `account add` and throws when that fails. */
  add(name: string, upstream: { url: string }, ...flags: string[]): Promise<ProgramExit>;
  /** Starts `serve --json` on a free port and waits until it listens. */
  serve(args?: readonly string[], env?: Environment): Promise<Served>;
  /** What the command printed with `--json`, parsed line by line; inside this process where that is all the same. */
  json<Value = Record<string, unknown>>(args: readonly string[]): Promise<Value[]>;
};

/** A home, a provider and programs of its own for each test of the file it is called in. */
export const useWorld = (env: Environment = { CCR_TUI_CREDENTIAL_STORE: 'vault' }): World => {
  let home: TemporaryHome | null = null;
  let ending: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    home = await temporaryHome();
    ending = [];
  });
  afterEach(async () => {
    await Promise.all(ending.map((end) => end()));
    await home?.remove();
  });
  const path = (): string => home?.path ?? '';
  const world: World = {
    env,
    get home() {
      return path();
    },
    async provider(accounts, options = {}) {
      const upstream = await startUpstream({
        accounts: Object.entries(accounts).map(([name, limits]) => ({ name, key: keyOf(name), limits })),
        ...options,
      });
      ending.push(() => upstream.close());
      return upstream;
    },
    run: (args, input = '', env = {}) =>
      runProgram(args, { home: path(), input, env: { ...world.env, ...env } }),
    // The keychain needs a program of its own.
    inPlace: (args, input = '') =>
      world.env['CCR_TUI_CREDENTIAL_STORE'] === 'vault' && mayRunHere(args)
        ? runHere(args, { home: path(), input, env: world.env })
        : world.run(args, input),
    start(args, env = {}) {
      const program = startProgram(args, { home: path(), env: { ...world.env, ...env } });
      ending.push(() => program.stop());
      return program;
    },
    open(args, options = {}) {
      const pty = startPty(args, { ...options, home: path(), env: { ...world.env, ...options.env } });
      ending.push(() => pty.stop());
      return pty;
    },
    async given(args, input = '') {
      const given = await world.inPlace(args, input);
      if (given.code !== 0) throw new Error(`${args.join(' ')}: ${given.code} ${given.stderr}`);
      return given;
    },
    add: (name, { url }, ...flags) =>
      world.given(['account', 'add', name, '--base-url', url, ...flags], `${keyOf(name)}\n`),
    async serve(args = [], env = {}) {
      const program = world.start(['serve', '--port', '0', '--json', ...args], env);
      const { url } = JSON.parse(await program.waitForLine('"listening"')) as { url: string };
      return { url, port: Number(new URL(url).port), pid: program.pid, program };
    },
    async json<Value>(args: readonly string[]) {
      const { stdout } = await world.inPlace([...args, '--json']);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Value);
    },
  };
  return world;
};

/** The real SDK, pointed at the proxy as the README says. It retries by itself only where a test asks it to. */
export const sdkFor = (url: string, options: { maxRetries?: number; authToken?: string } = {}): Anthropic =>
  new Anthropic({ baseURL: url, apiKey: null, authToken: 'ccr', maxRetries: 0, ...options });

/** A small request; `session` makes it part of that conversation. */
export const ask = (text: string, session?: string) => ({
  model: 'claude-haiku-5-5',
  max_tokens: 400,
  messages: [{ role: 'user' as const, content: text }],
  ...(session === undefined ? {} : { metadata: { user_id: JSON.stringify({ session_id: session }) } }),
});

/** Asks again until the answer satisfies the test; for what another process does in its own time, which is no bound. */
export const until = async <Value>(
  look: () => Promise<Value> | Value,
  test: (value: Value) => boolean,
  withinMs = 30_000,
): Promise<Value> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (test(value)) return value;
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
