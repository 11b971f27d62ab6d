import { constants, setPriority } from 'node:os';
import { resolve } from 'node:path';
import type { App, CommandModule } from './commands/context.ts';
import {
  parseCommandLine,
  wantsTrace,
  type GivenOptions,
  type ParsedLine,
} from './commands/parse-command-line.ts';
import { systemClock } from './shared/clock.ts';
import { asCcrError, CcrError } from './shared/errors.ts';
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
  'account.login': () => import('./commands/account-login.ts'),
  'account.import': () => import('./commands/import.ts'),
  'account.list': () => import('./commands/account-list.ts'),
  'account.remove': () => import('./commands/account-remove.ts'),
  'account.pause': () => import('./commands/account-pause.ts'),
  'account.resume': () => import('./commands/account-pause.ts'),
  'account.prefer': () => import('./commands/account-prefer.ts'),
  'account.show': () => import('./commands/account-show.ts'),
  'account.rename': () => import('./commands/account-rename.ts'),
  'account.set': () => import('./commands/account-set.ts'),
  'account.reset': () => import('./commands/account-reset.ts'),
  'account.refresh': () => import('./commands/account-refresh.ts'),
  'account.test': () => import('./commands/account-test.ts'),
  'secret.set': () => import('./commands/secret-set.ts'),
  'secret.get': () => import('./commands/secret-get.ts'),
  'secret.list': () => import('./commands/secret-list.ts'),
  'secret.delete': () => import('./commands/secret-delete.ts'),
  history: () => import('./commands/history.ts'),
  'history.show': () => import('./commands/history-show.ts'),
  'history.prune': () => import('./commands/history-remove.ts'),
  'history.clear': () => import('./commands/history-remove.ts'),
  stats: () => import('./commands/stats.ts'),
  'key.create': () => import('./commands/key-create.ts'),
  'key.list': () => import('./commands/key-list.ts'),
  'key.rotate': () => import('./commands/key-rotate.ts'),
  'key.revoke': () => import('./commands/key-revoke.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
  'vault.init': () => import('./commands/vault.ts'),
  'vault.passwd': () => import('./commands/vault.ts'),
  'vault.unlock': () => import('./commands/vault.ts'),
  'vault.rotate': () => import('./commands/vault.ts'),
  'vault.move': () => import('./commands/vault.ts'),
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
  simulate: () => import('./commands/simulate.ts'),
};

// These outlive the reader of their output (`ccr-tui --json | head -1`): they decide themselves when to end.
const longRunning: ReadonlySet<string> = new Set(['screen.open', 'screen.attach', 'serve']);

/** How long their last words may take to be read. */
const lastWordsMs = 500;

// They compute for long, and hold no lock meanwhile that the instance waits for.
const unhurried: ReadonlySet<string> = new Set(['stats', 'simulate']);

/** Lets whatever else runs on this machine go first, above all the proxy. */
const stepBack = (): void => {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A system that does not allow it shares the processor evenly.
  }
};

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
  const { lines, exitCode } = asCcrError(error);
  for (const line of lines) stderr.write(`ccr-tui: ${sanitize(line, 1000)}\n`);
  if (trace) {
    for (const line of traceOf(error).split('\n')) stderr.write(`${sanitize(line, 1000)}\n`);
  }
  return exitCode;
};

/** A backup has a passphrase of its own. */
const ownPassphrase: ReadonlySet<string> = new Set(['backup', 'restore']);

/** The environment with what the command line says of the vault's passphrase, for everything that may open the vault. */
const withPassphraseFile = (
  env: NodeJS.ProcessEnv,
  action: string,
  { 'passphrase-file': path }: GivenOptions,
): NodeJS.ProcessEnv =>
  typeof path !== 'string' || ownPassphrase.has(action)
    ? env
    : { ...env, CCR_TUI_PASSPHRASE_FILE: resolve(path) };

const carryOut = async (line: ParsedLine, node: NodeJS.Process): Promise<number> => {
  const { stdin, stdout, stderr } = node;
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
  if (unhurried.has(action.name)) stepBack();
  const { run } = await load();
  return run({
    action: action.name,
    positionals,
    options,
    env: withPassphraseFile(node.env, action.name, options),
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
