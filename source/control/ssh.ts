import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import { Ring } from '../shared/ring.ts';
import { sanitize } from '../shared/sanitize.ts';

/** Where an instance runs that is reached by ssh. */
export type SshTarget = {
  /** `host`, `user@host`, or a name out of the person's ssh configuration. */
  host: string;
  /** What starts ccr-tui there, in the words of the shell there. */
  command: string;
};

// A leading dash would be an option; the rest could do harm in a ProxyCommand that holds the name (CVE-2023-51385).
const unsafe = /^-|@-|[\s\x00-\x1f\x7f'"`$\\;&|<>(){}*?!]/;

/** A target that ssh can take for nothing else. A CcrError('usage') for any other text. */
export const sshTarget = (host: string, command = 'ccr-tui'): SshTarget => {
  if (host === '' || host.length > 255 || unsafe.test(host)) {
    throw new CcrError('usage', `${sanitize(host, 60) || 'nothing'} is no target for ssh`, {
      hint: 'wanted user@host, or a host of your ssh configuration',
    });
  }
  if (command.trim() === '' || /[\x00-\x1f\x7f]/.test(command)) {
    throw new CcrError('usage', '--remote-command needs a command in one line', {
      hint: 'such as /usr/local/bin/ccr-tui',
    });
  }
  return { host, command };
};

/** The words behind `ssh`. `--`: whatever the target is, it is no option. */
export const sshArguments = ({ host, command }: SshTarget): string[] => [
  '--',
  host,
  command,
  'control',
  '--stdio',
];

export type SshEnd = {
  /** What ssh exited with; null when it could not be started, or a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** There is no ssh here. */
  missing: boolean;
  /** The last lines that ssh or the program behind it wrote on stderr, safe for a terminal. */
  words: readonly string[];
};

export type SshWay = {
  /** To the instance and back. Destroyed = ssh is ended. */
  stream: Duplex;
  ended: Promise<SshEnd>;
};

export type SshOptions = {
  target: SshTarget;
  env: Environment;
  /** False when nobody may be asked for a password, because a screen has the terminal. */
  mayAsk: boolean;
  /** Each line of stderr, safe for a terminal. */
  onWords?: (line: string) => void;
};

const wordsKept = 5;
/** A shared connection (ControlPersist) keeps stderr open for ever. */
const lastWordsMs = 100;

/** Cuts what is written on stderr into lines; the rest of the last one comes with `end`. */
const readWords = (onLine: (line: string) => void) => {
  let text = '';
  const tell = (line: string): void => {
    const words = sanitize(line, 400).trim();
    if (words !== '') onLine(words);
  };
  return {
    push(chunk: string): void {
      const lines = (text + chunk).split(/[\r\n]+/);
      // A line that never ends must not grow for ever.
      text = (lines.pop() ?? '').slice(0, 4096);
      for (const line of lines) tell(line);
    },
    end(): void {
      tell(text);
      text = '';
    },
  };
};

/** Starts ssh, which asks for what it needs on the terminal itself. Never throws: what goes wrong stands in `ended`. */
export const openSsh = ({ target, env, mayAsk, onWords }: SshOptions): SshWay => {
  const child = spawn('ssh', sshArguments(target), {
    // Without a terminal of its own, and without a window to ask in, ssh fails instead of writing across the screen.
    env: mayAsk ? env : { ...env, SSH_ASKPASS_REQUIRE: 'never' },
    detached: !mayAsk,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  const kept = new Ring<string>(wordsKept);
  const words = readWords((line) => {
    kept.push(line);
    onWords?.(line);
  });
  stderr.setEncoding('utf8').on('data', (chunk: string) => words.push(chunk));
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _, done) => void stdin.write(chunk, done),
    final: (done) => void stdin.end(done),
    destroy(error, done) {
      stdin.destroy();
      stdout.destroy();
      child.kill();
      done(error);
    },
  });
  // Both have their place: what was not taken fails there, and the end is told by `ended`.
  for (const each of [stdin, stdout, stderr, stream]) each.on('error', () => undefined);
  stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) stdout.pause();
  });
  stdout.once('end', () => stream.push(null));
  // Nobody reads what would still be written, and the end of that may never be told.
  stream.once('end', () => stream.destroy());
  const ended = new Promise<SshEnd>((resolve) => {
    const finish = (end: Omit<SshEnd, 'words'>): void => {
      words.end();
      resolve({ ...end, words: kept.after(0) });
    };
    child.once('error', () => {
      stream.destroy();
      finish({ code: null, signal: null, missing: true });
    });
    child.once('close', (code, signal) => finish({ code, signal, missing: false }));
    child.once('exit', (code, signal) =>
      setTimeout(() => finish({ code, signal, missing: false }), lastWordsMs),
    );
  });
  return { stream, ended };
};

/** What a person is told of a way that did not lead to an instance. */
export const explainSshEnd = (end: SshEnd, { host }: SshTarget): CcrError => {
  const { code, missing } = end;
  const last = end.words.at(-1)?.replace(/^(?:ccr-tui|ssh): /, '') ?? '';
  if (missing) return new CcrError('failed', 'there is no ssh here', { hint: 'install the OpenSSH client' });
  if (code === 4 && last.startsWith('not running')) {
    const hint = 'start it there with ccr-tui or ccr-tui serve';
    return new CcrError('no_instance', `not running on ${host}`, { hint });
  }
  if (code === 127) {
    const hint = 'name it with --remote-command, such as --remote-command /usr/local/bin/ccr-tui';
    return new CcrError('failed', `ccr-tui was not found on ${host}`, { hint });
  }
  if (code === 255 || code === null) {
    return new CcrError('control_refused', `ssh ${host}${last === '' ? ' failed' : `: ${last}`}`, {
      hint: `see what ssh -v ${host} says`,
    });
  }
  const hint = 'is ccr-tui there as new as this one?';
  return new CcrError('control_refused', `${host}: ${last === '' ? `ended with ${code}` : last}`, { hint });
};

/** Whether ssh would have to ask a person, or to be told that a host is right, which trying again does not change. */
export const needsPerson = ({ code, words }: SshEnd): boolean =>
  code === 255 && words.some((line) => /permission denied|verification failed|too many auth/i.test(line));
