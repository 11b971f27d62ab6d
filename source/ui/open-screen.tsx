import type { ReadStream, WriteStream } from 'node:tty';
import { render, type Instance } from 'ink';
import type { JSX } from 'react';
import type { Clock } from '../shared/clock.ts';
import type { Session } from '../store/session.ts';
import type { Answers, QuitKey } from './dispatch.ts';
import { watchTerminal } from './failing-terminal.ts';
import { followSize, sizeOf } from './follow-size.ts';
import { createHandOver } from './hand-over.tsx';
import { keymapOf } from './keymap.ts';
import { createLeave, type Leave } from './leave.ts';
import { usualLook, type Look } from './look.ts';
import { mouseReports } from './mouse.ts';
import { startNotify } from './notify.ts';
import { createDialogs } from './overlays/dialogs.ts';
import type { Outside } from './outside.ts';
import { createScreenModel, type ScreenModel } from './screen-model.ts';
import { createScreenModes, focusReports, type ScreenModes } from './screen-modes.ts';
import { Screen } from './screen.tsx';
import { createSuspendKey } from './suspend-key.ts';
import { createSuspension, endInBackground } from './suspend.ts';
import { watchReports } from './terminal-reports.ts';
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
  /** How the person wants it; as usual where nothing is said. */
  look?: Look;
  /** What works here beyond the instance. */
  outside?: Outside;
  /** The line of shell that makes `ccr-tui` a command; null where it is one. */
  alias?: string | null;
  /** The proxy runs in this process and stops with it: Ctrl-Z warns while requests are in flight. */
  holdsProxy: boolean;
  /**
   * Has a person sign in to that account on the terminal, which is not used here meanwhile; resolves with an exit code. Ends
   * early with the signal.
   */
  signIn: (account: string, signal: AbortSignal) => Promise<number>;
  /** Shows the demo on this terminal; resolves with its exit code. */
  demo: (signal: AbortSignal) => Promise<number>;
  /** Called for every `q` and Ctrl-C. Draining, exit codes and closing are the caller's. */
  onQuit: (key: QuitKey) => void;
  /** Aborted = nobody waits for the first frame any more, which a terminal that takes nothing would put off for ever. */
  hurry?: AbortSignal;
};

export type ScreenHandle = {
  /**
   * A sentence in place of the newest log line, such as `draining 3, 24 s; again = now`; null takes it away. While it stands
   * the keys of `answers` do that, whatever else is open.
   */
  setNotice(text: string | null, answers?: Answers): void;
  /** Says under the header that the instance which is shown cannot be heard, and why; null takes it away. */
  setLost(text: string | null): void;
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

const createModel = (options: ScreenOptions, onSuspend: () => void, leave: Leave): ScreenModel => {
  const { stdout, ascii, color, look = usualLook } = options;
  return createScreenModel({
    ...options,
    theme: createTheme({ ascii, color, name: look.theme }),
    size: sizeOf(stdout),
    busy: () => isBehind(stdout),
    keys: keymapOf(look.keys),
    dialogs: createDialogs(options.alias ?? null),
    onSuspend,
    signIn: (account) => leave.run((signal) => options.signIn(account, signal)),
    demo: () => leave.run(options.demo),
    // The listener for this signal draws everything anew.
    onRedraw: () => void process.emit('SIGWINCH'),
    copy: (text) => void stdout.write(clipboardText(text)),
  });
};

/** Tells the terminal what its person waits for, by the settings; the returned function ends that. */
const notifyOn = ({ session, clock, stdout, look = usualLook }: ScreenOptions, isAway: () => boolean) =>
  startNotify({
    session,
    clock,
    way: look.notify,
    write: (code) => {
      if (!isAway() && !isBehind(stdout)) stdout.write(code);
    },
  });

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

/** Draws on the alternate screen of that terminal from now on. */
const renderOn = (stdin: ReadStream, stdout: WriteStream, screen: JSX.Element): Instance =>
  render(screen, {
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

/** The modes besides Ink's: the terminal selects text by itself as long as nobody asks for the mouse. */
const modesFor = ({ mouse }: Look = usualLook): number[] => [focusReports, ...(mouse ? mouseReports : [])];

/** Has somebody else have the terminal, without modes of ours. */
const without = async (modes: ScreenModes, away: () => Promise<void>): Promise<void> => {
  modes.off();
  await away();
  modes.on();
};

/** Draws on the alternate screen until `close`. Fulfilled after the first frame, or in a hurry; a key may be told before. */
export const openScreen = async (options: ScreenOptions): Promise<ScreenHandle> => {
  const { stdin, stdout } = options;
  const { Stage, handOver } = createHandOver(stdout);
  const modes = createScreenModes(stdout, modesFor(options.look));
  const suspension = createSuspension(stdin, stdout, (away) => handOver(() => without(modes, away)));
  const onSuspend = createSuspendKey(options, suspension.suspend, (text) => model.setNotice(text));
  const leave = createLeave({ stdin, stdout, lend: suspension.lend });
  const model = createModel(options, onSuspend, leave);
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
  const ink = renderOn(stdin, stdout, screen);
  const draw = (): void => {
    model.resize(sizeOf(stdout));
    ink.rerender(screen);
  };
  const ignoreSize = followSize({ stdout, clear: ink.clear, draw, isAway: suspension.isSuspended });
  modes.on();
  const ends = [modes.end, watchReports(stdin, model.hear), notifyOn(options, suspension.isSuspended)];
  const stop = (): void => {
    for (const end of ends) end();
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
    await leave.end();
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
  return { ended, setNotice: model.setNotice, setLost: model.setLost, close: () => (closing ??= close()) };
};
