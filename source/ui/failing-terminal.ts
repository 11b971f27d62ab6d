import { writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';
import { CcrError } from '../shared/errors.ts';

/** What a screen switches on, off again: synchronized output, marked pastes, reports of focus and mouse, the hidden cursor, the second screen. */
const modesOff = '\u001B[?2026l\u001B[?2004l\u001B[?1004l\u001B[?1000l\u001B[?1006l\u001B[?25h\u001B[?1049l';

// Every terminal stream of Node has it, and its types tell it of process.stdout alone.
const descriptorOf = (stream: WriteStream): number => (stream as { fd?: number }).fd ?? 1;

export type FailingTerminal = {
  /** Rejects with the first write that fails; Node writes nothing to the terminal afterwards. */
  failed: Promise<never>;
  /** After a failed write: switches the modes off past Node's stream, for a terminal that is there again or still. */
  restore(): void;
};

/** Watches a terminal that may go away under the screen. */
export const watchTerminal = (stdout: WriteStream): FailingTerminal => {
  const { promise, reject } = Promise.withResolvers<never>();
  // Whoever does not ask gets no unhandled rejection out of it.
  promise.catch(() => {});
  let failing = false;
  stdout.once('error', (cause: Error) => {
    failing = true;
    reject(new CcrError('failed', `cannot write to the terminal: ${cause.message}`, { cause }));
  });
  return {
    failed: promise,
    restore() {
      if (!failing) return;
      try {
        writeSync(descriptorOf(stdout), modesOff);
      } catch {
        // It has gone, and its modes with it.
      }
    },
  };
};
