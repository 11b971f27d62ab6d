import type { ReadStream, WriteStream } from 'node:tty';

type Handle = { setBlocking?: (blocking: boolean) => number };

/**
 * Lets writes to these terminals queue up instead of waiting for it. Node writes to terminals synchronously: one that nobody
 * reads (XOFF, a hung ssh) would stop this thread in the middle of a write, deaf to every signal. The returned function
 * puts that back. There is no public way (nodejs/node#784); without the handle nothing changes.
 */
export const unblockTerminal = (...streams: readonly (ReadStream | WriteStream)[]): (() => void) => {
  const block = (blocking: boolean): void => {
    for (const stream of streams) {
      const { _handle: handle } = stream as { _handle?: Handle | null };
      if (stream.isTTY) handle?.setBlocking?.(blocking);
    }
  };
  block(false);
  return () => block(true);
};

/**
 * Whether the terminal has not taken yet what was written to it. Not `writableNeedDrain`, which lets several frames queue up
 * that are out of date when they are read.
 */
export const isBehind = ({ writableLength }: Pick<WriteStream, 'writableLength'>): boolean =>
  writableLength > 0;
