import type { ReadStream, WriteStream } from 'node:tty';
import { render } from 'ink';
import type { Clock } from '../shared/clock.ts';
import type { Session } from '../store/session.ts';
import type { Size } from './layout.ts';
import { createScreenModel, type QuitKey } from './screen-model.ts';
import { Screen } from './screen.tsx';
import { createTheme } from './theme.ts';

export type ScreenOptions = {
  session: Session;
  /** Both must be terminals. */
  stdin: ReadStream;
  stdout: WriteStream;
  clock: Clock;
  ascii: boolean;
  color: boolean;
  /** Called for every `q` and Ctrl-C. Draining, exit codes and closing are the caller's. */
  onQuit: (key: QuitKey) => void;
};

export type ScreenHandle = {
  /** A sentence in place of the newest log line, such as `draining 3, 24 s; again = now`; null takes it away. */
  setNotice(text: string | null): void;
  /** Gives the terminal back as it was: main screen, cursor, raw mode, paste mode. Again = the same promise. */
  close(): Promise<void>;
  /** Fulfilled when the screen is closed; rejected, with the terminal restored, when drawing failed. */
  ended: Promise<void>;
};

/** Ink draws at most this often. Higher than the model's rate for new data, so that a key is answered at once. */
const maxFps = 30;

/** Ink waits until the terminal took everything; one that nobody reads must not keep the program. */
const closeWithinMs = 500;

// A terminal without a size (a pty that was never given one) reports 0.
const sizeOf = (stdout: WriteStream): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });

/** Draws on the alternate screen until `close`. Fulfilled after the first frame. */
export const openScreen = async (options: ScreenOptions): Promise<ScreenHandle> => {
  const { session, stdin, stdout, clock, ascii, color, onQuit } = options;
  const theme = createTheme({ ascii, color });
  const model = createScreenModel({ session, clock, theme, size: sizeOf(stdout), onQuit });
  const screen = <Screen model={model} />;
  const ink = render(screen, {
    stdin,
    stdout,
    maxFps,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // Ink would draw nothing when CI is set; whoever opens a screen has looked at the terminal.
    interactive: true,
  });
  // Before Ink's own listener, and drawn synchronously: Ink redraws on a resize what is there, and the frame of the old
  // size would be too tall for a smaller terminal.
  const onResize = (): void => {
    model.resize(sizeOf(stdout));
    ink.rerender(screen);
  };
  stdout.prependListener('resize', onResize);
  const stop = (): void => {
    model.close();
    stdout.off('resize', onResize);
  };
  const ended = ink.waitUntilExit().then(stop, (error: unknown) => {
    stop();
    throw error;
  });
  // Whoever does not ask gets no unhandled rejection out of it.
  ended.catch(() => {});
  const close = async (): Promise<void> => {
    stop();
    ink.unmount();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeWithinMs);
    });
    await Promise.race([ended.catch(() => {}), late]);
    clearTimeout(timer);
  };
  let closing: Promise<void> | null = null;
  await ink.waitUntilRenderFlush();
  return { ended, setNotice: model.setNotice, close: () => (closing ??= close()) };
};
