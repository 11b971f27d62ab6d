import type { WriteStream } from 'node:tty';
import type { Size } from './layout.ts';

const homeAndErase = '\u001B[H\u001B[J';

/** What the terminal says; one without a size (a pty that was never given one) reports 0. */
export const sizeOf = (stdout: WriteStream): Size => ({
  columns: stdout.columns || 80,
  rows: stdout.rows || 24,
});

export type SizeFollower = {
  stdout: WriteStream;
  /** Forgets what is drawn, so that the next frame is drawn completely. */
  clear(): void;
  /** Draws a frame of the new size, synchronously. */
  draw(): void;
  /** The terminal belongs to somebody else for now. */
  isAway(): boolean;
};

/** Draws anew whenever the size of the terminal changes; the returned function ends that. */
export const followSize = ({ stdout, clear, draw, isAway }: SizeFollower): (() => void) => {
  // Before Ink's own listener, and drawn synchronously: Ink redraws on a resize what is there, and the frame of the old
  // size would be too tall for a smaller terminal.
  stdout.prependListener('resize', draw);
  // A frame that was on its way while the size changed has wrapped or scrolled, and Ink, which writes only what differs,
  // would leave that there. So everything is drawn once more, also when the size is back at what it was.
  const redraw = (): void => {
    if (isAway()) return;
    clear();
    stdout.write(homeAndErase);
    stdout.emit('resize');
  };
  process.on('SIGWINCH', redraw);
  return () => {
    stdout.off('resize', draw);
    process.off('SIGWINCH', redraw);
  };
};
