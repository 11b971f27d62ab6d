import type { ReadStream, WriteStream } from 'node:tty';
import { render, type Instance } from 'ink';
import type { Clock } from '../shared/clock.ts';
import type { Session } from '../store/session.ts';
import type { Size } from './layout.ts';
import { createDialogs } from './overlays/dialogs.ts';
import { createScreenModel, type QuitKey } from './screen-model.ts';
import { Screen } from './screen.tsx';
import { createTheme } from './theme.ts';
import { unblockTerminal } from './unblock-terminal.ts';

export type ScreenOptions = {
  session: Session;
  /** Both must be terminals. */
  stdin: ReadStream;
  stdout: WriteStream;
  clock: Clock;
  ascii: boolean;
  color: boolean;
  /** The line of shell that makes `ccr-tui` a command; null where it is one. */
  alias?: string | null;
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

const homeAndErase = '\u001B[H\u001B[J';

/** Ink waits until the terminal took everything; one that nobody reads must not keep the program. */
const closeWithinMs = 500;

// A terminal without a size (a pty that was never given one) reports 0.
const sizeOf = (stdout: WriteStream): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });

// OSC 52. Encoded, so nothing in the text can end it early.
const clipboardText = (text: string): string =>
  `\u001B]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`;

/** Draws anew whenever the size of the terminal changes; the returned function ends that. */
const followSize = (stdout: WriteStream, ink: Instance, draw: () => void): (() => void) => {
  // Before Ink's own listener, and drawn synchronously: Ink redraws on a resize what is there, and the frame of the old
  // size would be too tall for a smaller terminal.
  stdout.prependListener('resize', draw);
  // A frame that was on its way while the size changed has wrapped or scrolled, and Ink, which writes only what differs,
  // would leave that there. So everything is drawn once more, also when the size is back at what it was.
  const redraw = (): void => {
    ink.clear();
    stdout.write(homeAndErase);
    stdout.emit('resize');
  };
  process.on('SIGWINCH', redraw);
  return () => {
    stdout.off('resize', draw);
    process.off('SIGWINCH', redraw);
  };
};

/** Draws on the alternate screen until `close`. Fulfilled after the first frame; a key may be told before that. */
export const openScreen = async (options: ScreenOptions): Promise<ScreenHandle> => {
  const { session, stdin, stdout, clock, ascii, color, onQuit } = options;
  const theme = createTheme({ ascii, color });
  const busy = (): boolean => stdout.writableNeedDrain;
  const copy = (text: string): void => void stdout.write(clipboardText(text));
  // The listener for this signal draws everything anew.
  const onRedraw = (): void => void process.emit('SIGWINCH');
  const size = sizeOf(stdout);
  const dialogs = createDialogs(options.alias ?? null);
  const model = createScreenModel({ session, clock, theme, size, onQuit, busy, dialogs, copy, onRedraw });
  // What Ink hides the cursor with shows it again on stderr when the process ends.
  const block = unblockTerminal(stdout, process.stderr);
  const screen = <Screen model={model} />;
  // Ink switches to raw mode only after its first frame: a Ctrl-C typed in between would be a signal and not a key.
  stdin.setRawMode(true);
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
  const ignoreSize = followSize(stdout, ink, () => {
    model.resize(sizeOf(stdout));
    ink.rerender(screen);
  });
  const stop = (): void => {
    model.close();
    ignoreSize();
  };
  const ended = ink
    .waitUntilExit()
    .finally(stop)
    .finally(block)
    .then(() => {});
  // Whoever does not ask gets no unhandled rejection out of it.
  ended.catch(() => {});
  const close = async (): Promise<void> => {
    stop();
    ink.unmount();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, closeWithinMs);
    await Promise.race([ended.catch(() => {}), late]);
    clearTimeout(timer);
  };
  let closing: Promise<void> | null = null;
  await ink.waitUntilRenderFlush();
  return { ended, setNotice: model.setNotice, close: () => (closing ??= close()) };
};
