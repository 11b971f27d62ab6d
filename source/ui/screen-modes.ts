import type { WriteStream } from 'node:tty';

/** The terminal tells when it gets and loses the focus. */
export const focusReports = 1004;

/** Modes of the terminal that Ink knows nothing of. */
export type ScreenModes = {
  /** Switches them on, unless they are or this has ended. */
  on(): void;
  /** Switches them off for as long as somebody else has the terminal. */
  off(): void;
  /** Off for good. */
  end(): void;
};

/** Nothing is on at first. Whatever ends the process switches off what is on. */
export const createScreenModes = (
  stdout: Pick<WriteStream, 'write' | 'destroyed'>,
  modes: readonly number[],
): ScreenModes => {
  let isOn = false;
  let ended = false;
  const set = (on: boolean): void => {
    if (isOn === on || modes.length === 0) return;
    isOn = on;
    if (!stdout.destroyed) stdout.write(modes.map((mode) => `\u001B[?${mode}${on ? 'h' : 'l'}`).join(''));
  };
  const end = (): void => {
    ended = true;
    set(false);
    process.off('exit', end);
  };
  process.once('exit', end);
  return {
    on: () => {
      if (!ended) set(true);
    },
    off: () => set(false),
    end,
  };
};
