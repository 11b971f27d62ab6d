import type { App, CommandModule } from './commands/context.ts';
import { parseCommandLine, wantsTrace, type ParsedLine } from './commands/parse-command-line.ts';
import { systemClock } from './shared/clock.ts';
import { CcrError } from './shared/errors.ts';
import { sanitize } from './shared/sanitize.ts';
import { packageVersion } from './version.ts';

/** Each subcommand's file, loaded when it is asked for: looking at the version must not cost a keychain. */
const modules: Readonly<Record<string, () => Promise<CommandModule>>> = {
  'screen.open': () => import('./commands/screen.ts'),
  'screen.attach': () => import('./commands/attach.ts'),
  control: () => import('./commands/control.ts'),
  serve: () => import('./commands/serve.ts'),
  stop: () => import('./commands/stop.ts'),
  status: () => import('./commands/status.ts'),
  'account.add': () => import('./commands/account-add.ts'),
  'account.list': () => import('./commands/account-list.ts'),
  'account.remove': () => import('./commands/account-remove.ts'),
  'account.pause': () => import('./commands/account-pause.ts'),
  'account.resume': () => import('./commands/account-pause.ts'),
  history: () => import('./commands/history.ts'),
  'key.create': () => import('./commands/key-create.ts'),
  'key.list': () => import('./commands/key-list.ts'),
  'key.rotate': () => import('./commands/key-rotate.ts'),
  'key.revoke': () => import('./commands/key-revoke.ts'),
  'config.get': () => import('./commands/config-read.ts'),
  'config.list': () => import('./commands/config-read.ts'),
  'config.path': () => import('./commands/config-read.ts'),
  'config.check': () => import('./commands/config-read.ts'),
  'config.set': () => import('./commands/config-write.ts'),
  'config.unset': () => import('./commands/config-write.ts'),
  'tls.selfSigned': () => import('./commands/tls-self-signed.ts'),
  connect: () => import('./commands/connect.ts'),
  disconnect: () => import('./commands/disconnect.ts'),
  run: () => import('./commands/run.ts'),
};

// These outlive the reader of their output (`ccr-tui --json | head -1`): they decide themselves when to end.
const longRunning: ReadonlySet<string> = new Set(['screen.open', 'screen.attach', 'serve']);

/** How long their last words may take to be read. */
const lastWordsMs = 500;

const openApp = (): Promise<App> => import('./app.tsx');

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EPIPE';

const cannotWrite = (error: Error): CcrError =>
  new CcrError('failed', `cannot write the output: ${error.message}`, { cause: error });

const traceOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${traceOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
};

/** Writes what went wrong, a line for each problem; returns the exit code. */
const report = (error: unknown, stderr: NodeJS.WriteStream, trace: boolean): number => {
  const lines =
    error instanceof CcrError ? error.lines : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) stderr.write(`ccr-tui: ${sanitize(line, 1000)}\n`);
  if (trace) {
    for (const line of traceOf(error).split('\n')) stderr.write(`${sanitize(line, 1000)}\n`);
  }
  return error instanceof CcrError ? error.exitCode : 1;
};

const carryOut = async (line: ParsedLine, node: NodeJS.Process): Promise<number> => {
  const { env, stdin, stdout, stderr } = node;
  if (line.kind === 'problem') throw new CcrError('usage', line.message, { hint: line.hint });
  if (line.kind === 'version') {
    stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  if (line.kind === 'help') {
    const { helpText } = await import('./commands/help-text.ts');
    stdout.write(helpText(line.words));
    return 0;
  }
  const { action, positionals, options } = line;
  const load = modules[action.name];
  if (load === undefined) throw new CcrError('failed', `nothing carries out ${action.name}`);
  const { run } = await load();
  return run({
    action: action.name,
    positionals,
    options,
    env,
    stdin,
    stdout,
    stderr,
    clock: systemClock,
    version: packageVersion(),
    openApp,
  });
};

/** Runs the program: `node` is the process with its arguments, streams and environment. Ends it with the exit code. */
export const main = async (node: NodeJS.Process): Promise<void> => {
  const argv = node.argv.slice(2);
  const line = parseCommandLine(argv);
  const outlivesReader = line.kind === 'run' && longRunning.has(line.action.name);
  // Without a listener a closed pipe (`| head`) would end the program with a trace.
  node.stderr.on('error', () => undefined);
  node.stdout.on('error', (error) => {
    if (outlivesReader && (isBrokenPipe(error) || node.stdout.isTTY)) return;
    node.exit(isBrokenPipe(error) ? 0 : report(cannotWrite(error), node.stderr, false));
  });
  let code: number;
  try {
    code = await carryOut(line, node);
  } catch (error) {
    code = isBrokenPipe(error) ? 0 : report(error, node.stderr, wantsTrace(argv));
  }
  // A pipe takes its bytes later than write() returns on some platforms; nothing may be lost, and nothing that was
  // left open (a prompt's terminal, a socket) may hold the program up after its work is done.
  node.stdout.write('', () => node.stderr.write('', () => node.exit(code)));
  // A terminal or pipe that nobody reads must not keep a program that somebody wants to end. Lists wait for their reader.
  if (outlivesReader) setTimeout(() => node.exit(code), lastWordsMs);
};
