import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import { gaveUp } from './sign-in-key.ts';
import { readTerminal, type Suspension } from './suspend.ts';
import { unblockTerminal } from './unblock-terminal.ts';

/** How long a program may take to end and give the terminal back when the screen is to close. */
const endWithinMs = 1000;

const backQuestion = '\nPress Enter to go back to the screen. ';
// Whatever means to leave something: nobody should have to look for the right key.
const goesBack = /[\r\n\u0003\u0004\u001Bq]/;

/** Fulfilled when a person has read enough. */
const wordsRead = async (stdin: ReadStream, stdout: WriteStream, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const giveUp = (): void => resolve();
  const look = (): void => {
    for (;;) {
      const typed = stdin.read() as Buffer | string | null;
      if (typed === null) return;
      if (goesBack.test(String(typed))) resolve();
    }
  };
  stdout.write(backQuestion);
  stdin.on('readable', look);
  readTerminal(stdin, true);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  await promise;
  // The signal lasts as long as the screen does.
  signal.removeEventListener('abort', giveUp);
  stdin.off('readable', look);
  stdout.write('\n');
};

export type Leave = {
  /**
   * Leaves the screen to a program of this terminal and comes back when it has ended; after a failure when a person has read
   * its words. Resolves with its exit code; null = it did not begin, because the screen is left already.
   */
  run(program: (signal: AbortSignal) => Promise<number>): Promise<number | null>;
  /** Ends such a program; fulfilled when the screen is back, or would take too long to come back. */
  end(): Promise<void>;
};

/** Runs programs on the terminal of the screen, one at a time. */
export const createLeave = ({
  stdin,
  stdout,
  lend,
}: {
  stdin: ReadStream;
  stdout: WriteStream;
  lend: Suspension['lend'];
}): Leave => {
  const ending = new AbortController();
  let back: Promise<void> | null = null;
  return {
    async run(program) {
      if (back !== null) return null;
      let ended: Promise<number> | null = null;
      const work = async (): Promise<void> => {
        ended = program(ending.signal);
        // Whoever called hears of a failure.
        const code = await ended.catch(() => 0);
        // A program is started with a terminal that blocks, and it is the same one as ours.
        unblockTerminal(stdin, stdout, process.stderr);
        // At once: by then a Ctrl-C would be a signal for us, and a Ctrl-D the end of all input.
        stdin.setRawMode(true);
        if (code !== 0 && code !== gaveUp) await wordsRead(stdin, stdout, ending.signal);
      };
      const lent = lend(work);
      back = lent
        .catch(() => {})
        .finally(() => {
          back = null;
        });
      await lent;
      return ended;
    },
    async end() {
      ending.abort();
      await Promise.race([back, sleep(endWithinMs, undefined, { ref: false })]);
    },
  };
};
