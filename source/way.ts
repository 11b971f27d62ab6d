import { setTimeout as sleep } from 'node:timers/promises';
import { notRunning, reachInstance, untilStarted } from './commands/reach-instance.ts';
import type { Paths } from './config/paths.ts';
import { talkControl, type ControlClient } from './control/client.ts';
import { explainSshEnd, needsPerson, openSsh, type SshTarget } from './control/ssh.ts';
import type { Environment } from './shared/environment.ts';
import { CcrError } from './shared/errors.ts';
import { unlessAborted } from './unless-aborted.ts';

/** How an instance of another process is reached. */
export type Way = {
  /** What a person calls the other end. */
  name: string;
  /** Null where it is on another machine. */
  home: string | null;
  /** The first connection, or a further one, for which nobody can be asked anything. Gives up with the signal. */
  dial(again: boolean, signal: AbortSignal): Promise<ControlClient>;
};

/** To the instance of this home. */
export const localWay = (
  { home, instanceLock }: Pick<Paths, 'home' | 'instanceLock'>,
  readOnly = false,
): Way => ({
  name: 'the running instance',
  home,
  async dial(_, signal) {
    const reached = untilStarted({ instanceLock }).then(() => reachInstance({ instanceLock }, { readOnly }));
    const control = await unlessAborted(reached, signal);
    if (control === null) throw notRunning('start it with ccr-tui or ccr-tui serve');
    return control;
  },
});

/** How long a line of ssh waits to be shown: the last one before it fails belongs into the error. */
const holdMs = 300;

/** Shows what ssh says while it is being asked for a password, and no more once `stop` was called. */
const tellWords = (stderr: NodeJS.WriteStream): { line(text: string): void; stop(): void } => {
  const timers = new Set<NodeJS.Timeout>();
  let told = true;
  return {
    line(text) {
      if (!told) return;
      timers.add(setTimeout(() => stderr.write(`${text}\n`), holdMs));
    },
    stop() {
      told = false;
      for (const timer of timers) clearTimeout(timer);
    },
  };
};

export type SshWayOptions = {
  target: SshTarget;
  readOnly: boolean;
  env: Environment;
  stderr: NodeJS.WriteStream;
};

/** Across a network, where each answer takes its time. */
const answerMs = 10_000;
/** A person looks for a password; a new connection asks for none. */
const helloMs = { first: 600_000, again: 30_000 };

/** Ctrl-C goes to every program of the terminal, and of ours and ssh's end either may be heard first. */
const interruptMs = 1000;

const abortedWithin = async (limitMs: number, signal: AbortSignal): Promise<void> =>
  sleep(limitMs, undefined, { signal }).catch(() => undefined);

/** To an instance on another machine. */
export const sshWay = ({ target, readOnly, env, stderr }: SshWayOptions): Way => ({
  name: target.host,
  home: null,
  async dial(again, signal) {
    const words = tellWords(stderr);
    const { stream, ended } = openSsh({
      target,
      env,
      mayAsk: !again,
      ...(again ? {} : { onWords: words.line }),
    });
    const abort = (): void => void stream.destroy();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await talkControl(stream, {
        name: `ccr-tui on ${target.host}`,
        timeoutMs: answerMs,
        helloMs: again ? helloMs.again : helloMs.first,
        token: null,
        readOnly,
        chatty: true,
        otherVersion: 'bring both to the same one',
        async whyClosed() {
          const end = await ended;
          if (!again && end.signal === 'SIGINT') await abortedWithin(interruptMs, signal);
          const error = explainSshEnd(end, target);
          if (!again || !needsPerson(end)) return error;
          return new CcrError('failed', error.message, { hint: 'attach again, so that ssh can ask' });
        },
      });
    } finally {
      signal.removeEventListener('abort', abort);
      words.stop();
    }
  },
});
