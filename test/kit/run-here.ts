import { isAbsolute } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { main } from '../../source/cli.ts';
import { parseCommandLine } from '../../source/commands/parse-command-line.ts';
import { programEnvironment } from './program-environment.ts';
import type { ProgramExit } from './program.ts';

const collect = () => {
  const texts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      texts.push(chunk.toString('utf8'));
      done();
    },
  });
  return { stream, text: () => texts.join('') };
};

/**
 * What touches nothing but the home and the folder it is given: not those of the person, nor the keychain, nor the
 * terminal, nor, as `stats` and `simulate` do, how urgent this process is.
 */
const allowed =
  /^(?:account (?:add|list|pause|prefer|resume|show)|config \w+|history|key (?:create|list|revoke|rotate)|secret \w+|status|tls selfSigned)$/;

/** Whether `runHere` takes this line. */
export const mayRunHere = (args: readonly string[]): boolean => {
  const line = parseCommandLine(args);
  // What is refused, and help, touch nothing.
  if (line.kind !== 'run') return true;
  const { action, options } = line;
  const ofClient = action.name.endsWith('connect');
  return ofClient ? isAbsolute(String(options['dir'] ?? '')) : allowed.test(action.name.replace('.', ' '));
};

/**
 * Carries out a line of the program inside this process, for a tenth of what a program of its own takes: for what a test
 * needs, or looks at, while it is about something else. Secrets go to the vault. `input` is all of its stdin. Throws for
 * what may touch more than `home`.
 */
export const runHere = async (
  args: readonly string[],
  {
    home,
    input = '',
    env = {},
  }: { home: string; input?: string; env?: Readonly<Record<string, string | undefined>> },
): Promise<ProgramExit> => {
  if (!mayRunHere(args)) throw new Error(`not inside the process of a test: ${args.join(' ')}`);
  const [stdin, stdout, stderr] = [new PassThrough(), collect(), collect()];
  stdin.end(input);
  const ended = Promise.withResolvers<number>();
  await main({
    argv: ['node', 'ccr-tui', ...args],
    env: programEnvironment(home, { ...env, CCR_TUI_CREDENTIAL_STORE: 'vault' }),
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    exit: ended.resolve,
  } as unknown as NodeJS.Process);
  return { code: await ended.promise, signal: null, stdout: stdout.text(), stderr: stderr.text() };
};
