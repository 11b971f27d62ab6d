import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OwnProgram } from './clients/own-command.ts';
import type { Environment } from './shared/environment.ts';
import { CcrError } from './shared/errors.ts';
import { sanitize } from './shared/sanitize.ts';

/** What the installed name stands for; this file lies beside it. */
export const ownProgram: OwnProgram = {
  node: process.execPath,
  script: fileURLToPath(new URL('bin.cjs', import.meta.url)),
};

/** What a subcommand has printed. */
export type OwnOutput = {
  /** The JSON on its stdout; null when it is none. */
  printed: unknown;
  /** The lines on its stderr that are its own words, without the name of the program. */
  said: readonly string[];
  code: number;
};

const own = 'ccr-tui: ';
/** A keychain may ask its person first. */
const limitMs = 150_000;
const mostBytes = 4 * 1024 * 1024;

const saidIn = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith(own))
    .map((line) => sanitize(line.slice(own.length).replace(/^note: /, ''), 1000))
    .slice(0, 20);

const jsonIn = (stdout: string): unknown => {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
};

/**
 * Runs a subcommand of this program with `--json` in a process of its own, where neither the files of other programs nor a
 * keychain hold up the proxy or the screen. It has no terminal, so it asks nobody. What it has to say by a failure is the
 * CcrError('failed') with which this rejects.
 */
export const runOwn = (
  env: Environment,
  words: readonly string[],
  { node, script }: OwnProgram = ownProgram,
): Promise<OwnOutput> =>
  new Promise((resolve, reject) => {
    const options = { env, timeout: limitMs, maxBuffer: mostBytes, encoding: 'utf8' } as const;
    const child = execFile(node, [script, ...words, '--json'], options, (error, stdout, stderr) => {
      const said = saidIn(stderr);
      const printed = jsonIn(stdout);
      if (printed !== null) return resolve({ printed, said, code: child.exitCode ?? 1 });
      const problems = said.length > 0 ? said : [`${words.join(' ')} has ended without a word`];
      reject(new CcrError('failed', problems[0] ?? '', { problems, ...(error && { cause: error }) }));
    });
    child.stdin?.end();
  });
