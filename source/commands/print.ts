import { once } from 'node:events';

/**
 * Writes to an output and waits while its reader is slow, so that a long list never piles up in memory.
 * A reader that has left is not an error here: the stream's own listener ends the program.
 */
export const print = async (stream: NodeJS.WriteStream, text: string): Promise<void> => {
  if (!stream.write(text) && !stream.destroyed) await once(stream, 'drain');
};

/** One JSON value on one line. */
export const printJson = (stream: NodeJS.WriteStream, value: unknown): Promise<void> =>
  print(stream, `${JSON.stringify(value)}\n`);

/** Lines, each with its line break; nothing for none. */
export const printLines = (stream: NodeJS.WriteStream, lines: readonly string[]): Promise<void> =>
  print(stream, lines.map((line) => `${line}\n`).join(''));
