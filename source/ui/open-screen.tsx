import type { ReadStream, WriteStream } from 'node:tty';
import { render, type Instance } from 'ink';
import type { Clock } from '../shared/clock.ts';
import type { Session } from '../store/session.ts';
import type { QuitKey } from './dispatch.ts';
import { watchTerminal } from './failing-terminal.ts';
import { followSize, sizeOf } from './follow-size.ts';
import { createHandOver } from './hand-over.tsx';
import { createDialogs } from './overlays/dialogs.ts';
import { createScreenModel, type ScreenModel } from './screen-model.ts';
import { Screen } from './screen.tsx';
import { createSuspendKey } from './suspend-key.ts';
import { createSuspension, endInBackground } from './suspend.ts';
import { createTheme } from './theme.ts';
import { isBehind, unblockTerminal } from './unblock-terminal.ts';

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
  /** The proxy runs in this process and stops with it: Ctrl-Z warns while requests are in flight. */
  holdsProxy: boolean;
  /** Called for every `q` and Ctrl-C. Draining, exit codes and closing are the caller's. */
  onQuit: (key: QuitKey) => void;
  /** Aborted = nobody waits for the first frame any more, which a terminal that takes nothing would put off for ever. */
  hurry?: AbortSignal;
};

export type ScreenHandle = {
  /** A sentence in place of the newest log line, such as `draining 3, 24 s; again = now`; null takes it away. */
  setNotice(text: string | null): void;
  /** Gives the terminal back as it was: main screen, cursor, raw mode, paste mode. Again = the same promise. */
  close(): Promise<void>;
  /**
   * Fulfilled when the screen is closed. Rejected when drawing failed, with the terminal restored, and when the terminal
   * takes nothing any more.
   */
  ended: Promise<void>;
};

/** Ink draws at most this often. Higher than the model's rate for new data, so that a key is answered at once. */
const maxFps = 30;

/** Ink waits until the terminal took everything; one that nobody reads must not keep the program. */
const closeWithinMs = 500;

// OSC 52. Encoded, so nothing in the text can end it early.
const clipboardText = (text: string): string =>
  `\u001B]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`;

const createModel = (options: ScreenOptions, onSuspend: () => void): ScreenModel => {
  const { stdout, ascii, color } = options;
  return createScreenModel({
    ...options,
    theme: createTheme({ ascii, color }),
    size: sizeOf(stdout),
    busy: () => isBehind(stdout),
    dialogs: createDialogs(options.alias ?? null),
    onSuspend,
    // The listener for this signal draws everything anew.
    onRedraw: () => void process.emit('SIGWINCH'),
    copy: (text) => void stdout.write(clipboardText(text)),
  });
};

/** Fulfilled when Ink is through with the terminal, at most `closeWithinMs` after this was asked. */
const unmounted = async (ink: Instance, exited: Promise<void>): Promise<void> => {
  ink.unmount();
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, closeWithinMs);
  await Promise.race([exited.catch(() => {}), late]);
  clearTimeout(timer);
};

/** Fulfilled when the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Draws on the alternate screen until `close`. Fulfilled after the first frame, or in a hurry; a key may be told before. */
export const openScreen = async (options: ScreenOptions): Promise<ScreenHandle> => {
  const { stdin, stdout } = options;
  const { Stage, handOver } = createHandOver(stdout);
  const suspension = createSuspension(stdin, stdout, handOver);
  const onSuspend = createSuspendKey(options, suspension.suspend, (text) => model.setNotice(text));
  const model = createModel(options, onSuspend);
  // What Ink hides the cursor with shows it again on stderr when the process ends.
  const block = unblockTerminal(stdout, process.stderr);
  const terminal = watchTerminal(stdout);
  const screen = (
    <Stage>
      <Screen model={model} />
    </Stage>
  );
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
  const draw = (): void => {
    model.resize(sizeOf(stdout));
    ink.rerender(screen);
  };
  const ignoreSize = followSize({ stdout, clear: ink.clear, draw, isAway: suspension.isSuspended });
  const stop = (): void => {
    model.close();
    ignoreSize();
    suspension.close();
  };
  const exited = ink
    .waitUntilExit()
    .finally(stop)
    .finally(block)
    .then(() => {});
  const ended = Promise.race([exited, terminal.failed]);
  // Whoever does not ask gets no unhandled rejection out of it.
  ended.catch(() => {});
  const close = async (): Promise<void> => {
    stop();
    if (suspension.isSuspended()) {
      endInBackground(stdout);
      return ink.unmount();
    }
    await unmounted(ink, exited);
    return terminal.restore();
  };
  let closing: Promise<void> | null = null;
  const { hurry } = options;
  await Promise.race([ink.waitUntilRenderFlush(), terminal.failed, ...(hurry ? [aborted(hurry)] : [])]);
  return { ended, setNotice: model.setNotice, close: () => (closing ??= close()) };
};
