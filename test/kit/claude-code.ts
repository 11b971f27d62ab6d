import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { programEnvironment, programFile } from './program-environment.ts';

const version = '2.1.330';
const folder = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'ccr-tui',
  `claude-code-${version}`,
);
// The program itself lies in the package of the platform; the other one only links to it when install scripts may run.
const binary = join(
  folder,
  'node_modules',
  '@anthropic-ai',
  `claude-code-${process.platform}-${process.arch}`,
  'claude',
);

/** Installs the pinned Claude Code (about 380 MB) into a cache folder outside the repository, once. */
export const installClaudeCode = (): void => {
  if (existsSync(binary)) return;
  mkdirSync(folder, { recursive: true });
  process.stdout.write(`installing Claude Code ${version} into ${folder}\n`);
  // The exact version is asked for: npm under an old Node would silently pick an old major.
  const packages = [`@anthropic-ai/claude-code@${version}`];
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', '--prefix', folder, ...quiet, ...packages], { stdio: 'inherit' });
};

export type Answer = { code: number | null; stdout: string; stderr: string };

type Options = { interruptWhen?: Promise<unknown> };

const quiet = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
};

const answerOf = (
  command: readonly [string, ...string[]],
  options: { cwd: string; env: Record<string, string> } & Options,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const [program, ...args] = command;
    const { cwd, env, interruptWhen } = options;
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
    void interruptWhen?.then(() => child.kill('SIGINT'));
  });

/** `ccr-tui run -- claude …`, as a user types it. */
export const claude = (home: string, args: readonly string[], options: Options = {}): Promise<Answer> =>
  answerOf([process.execPath, programFile, 'run', '--', binary, ...args], {
    cwd: home,
    env: programEnvironment(home, { CLAUDE_CONFIG_DIR: join(home, 'claude'), ...quiet }),
    ...options,
  });

/** `claude …` alone, with nothing in its environment that says where to go: its settings lie in `home`/.claude. */
export const claudeAlone = (home: string, args: readonly string[]): Promise<Answer> =>
  answerOf([binary, ...args], {
    cwd: home,
    env: programEnvironment(home, { CCR_TUI_HOME: undefined, ...quiet }),
  });
