import { once } from 'node:events';
import { safeJson, sanitize } from '../shared/sanitize.ts';

/**
 * Writes text of ours to an output and waits while its reader is slow, so that a long list never piles up in memory.
 * A reader that has left is not an error here: the stream's own listener ends the program.
 */
export const print = async (stream: NodeJS.WriteStream, text: string): Promise<void> => {
  if (!stream.write(text) && !stream.destroyed) await once(stream, 'drain');
};

/** One JSON value on one line, exact and safe on a terminal. */
export const printJson = (stream: NodeJS.WriteStream, value: unknown): Promise<void> =>
  print(stream, `${safeJson(value)}\n`);

/** Lines, each with its line break, whatever is in them; nothing for none. */
export const printLines = (stream: NodeJS.WriteStream, lines: readonly string[]): Promise<void> =>
  print(stream, lines.map((line) => `${sanitize(line, Number.POSITIVE_INFINITY)}\n`).join(''));
