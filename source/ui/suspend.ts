import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';

/** How long to wait for the terminal to take the last bytes before the process stops. */
const flushMs = 500;

/** When no SIGCONT has come by then, the process was not stopped. The clock of timers goes on while it is. */
const notStoppedMs = 100;

/**
 * `kill %1` sends SIGTERM and SIGCONT, and the threads of a process may take them in either order: whoever is to end must
 * not draw once more before it knows.
 */
const togetherMs = 50;

const signalOf = (name: NodeJS.Signals): { came: Promise<void>; ignore: () => void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (): void => resolve();
  process.once(name, listener);
  return { came: promise, ignore: () => void process.off(name, listener) };
};

/**
 * Stops this process and what runs with it in the same job, as Ctrl-Z does in a program that reads lines, and settles
 * when it goes on. Where no shell could take it up again (it leads the session) the kernel stops nothing: then it goes
 * on at once.
 */
const stopJob = async (): Promise<void> => {
  const continued = signalOf('SIGCONT');
  process.kill(0, 'SIGTSTP');
  await Promise.race([continued.came, sleep(notStoppedMs)]);
  continued.ignore();
  await sleep(togetherMs);
};

/** Makes Node look at the size of the terminal: what changed it meanwhile told only the shell. */
const lookAtSize = async (): Promise<void> => {
  if (process.platform === 'win32') return;
  const seen = signalOf('SIGWINCH');
  process.kill(process.pid, 'SIGWINCH');
  await seen.came;
};

const flushed = async (stdout: WriteStream): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  stdout.write('', () => resolve());
  await Promise.race([promise, sleep(flushMs, undefined, { ref: false })]);
};

type Handle = { readStart?: () => unknown; readStop?: () => unknown };

/**
 * Whether what is typed is read here: reading a terminal from the background stops a process. A stream read by `readable`
 * has no public way to stop; without the handle (nodejs/node#784) nothing changes.
 */
export const readTerminal = (stdin: ReadStream, reading: boolean): void => {
  const { _handle: handle } = stdin as { _handle?: Handle | null };
  if (reading) handle?.readStart?.();
  else handle?.readStop?.();
};

/**
 * For a process that ends without having got the terminal back, such as by `kill %1`: nothing more is written to it, and
 * at the very end the process kills itself, because Node sets every terminal once more when it exits, which would stop
 * it in the background for good.
 */
export const endInBackground = (stdout: WriteStream): void => {
  stdout.cork();
  process.once('exit', () => process.kill(process.pid, 'SIGKILL'));
};

export type Suspension = {
  /** Gives the terminal back, stops, and takes the terminal again when the shell lets it go on. */
  suspend(): void;
  /**
   * Gives the terminal to a program for as long as that takes, and then takes it again; this process goes on meanwhile.
   * Does nothing where the terminal is given away already. The work must not reject.
   */
  lend(work: () => Promise<void>): Promise<void>;
  /** The terminal belongs to somebody else now: nothing may be written to it. */
  isSuspended(): boolean;
  close(): void;
};

/**
 * Follows SIGTSTP, and SIGCONT after a SIGSTOP: a shell that takes the terminal does not ask what is drawn on it.
 * `handOver` gives the terminal back, runs the callback, and takes it again with everything drawn anew.
 */
export const createSuspension = (
  stdin: ReadStream,
  stdout: WriteStream,
  handOver: (callback: () => Promise<void>) => Promise<void>,
): Suspension => {
  let suspended = false;
  let closed = false;
  const during = async (away: () => Promise<void>): Promise<void> => {
    if (suspended || closed) return;
    suspended = true;
    try {
      await handOver(async () => {
        await away();
        if (closed) return;
        readTerminal(stdin, true);
        await lookAtSize();
        suspended = false;
      });
    } finally {
      suspended &&= closed;
    }
  };
  const lend = (work: () => Promise<void>): Promise<void> =>
    during(async () => {
      await flushed(stdout);
      readTerminal(stdin, false);
      await work();
    });
  // Its default action is what stops; while somebody listens, nothing does.
  const ignoreStop = (): void => void process.off('SIGTSTP', suspend);
  const suspend = (): void => {
    if (process.platform === 'win32') return;
    // The key has stopped the program that has the terminal, and not us: no shell would take that up again.
    if (suspended) return void process.kill(0, 'SIGCONT');
    const stop = async (): Promise<void> => {
      ignoreStop();
      await stopJob();
      if (!closed) process.on('SIGTSTP', suspend);
    };
    void lend(stop);
  };
  const goOn = (): void => void during(() => Promise.resolve());
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', goOn);
  return {
    suspend,
    lend,
    isSuspended: () => suspended,
    close() {
      closed = true;
      ignoreStop();
      process.off('SIGCONT', goOn);
    },
  };
};
