import { ownAlias } from './clients/own-command.ts';
import { runProgram } from './clients/run-program.ts';
import type { ScreenOptions } from './commands/context.ts';
import { loadScreen } from './load-screen.ts';
import { ownProgram } from './own-program.ts';
import { systemClock } from './shared/clock.ts';
import type { StopWishes } from './shutdown.ts';
import type { Session } from './store/session.ts';
import type { QuitKey } from './ui/dispatch.ts';
import type { Look } from './ui/look.ts';
import type { Outside } from './ui/outside.ts';
import type { ScreenHandle } from './ui/open-screen.tsx';
import type { TerminalTraits } from './ui/terminal-traits.ts';

/** What a screen shows. */
export type Shown = {
  session: Session;
  /** The proxy runs in this process and stops with it. */
  holdsProxy: boolean;
};

export type ScreenOpenerOptions = Pick<ScreenOptions, 'env' | 'stdin' | 'stdout'> & {
  look: Look;
  /** What works beyond the instance that is shown. */
  outside(shown: Shown): Outside;
  /** Called for each `q` and Ctrl-C. */
  onQuit: (key: QuitKey) => void;
};

/** The one screen of this process, which may be opened before what it shows has started. */
export type ScreenOpener = {
  /** Opens it, once; asked again, the same one, whatever is given. Its failure becomes a wish to stop. */
  open(shown: Shown): Promise<ScreenHandle>;
  /** Gives the terminal back. One that is not open yet stays closed. */
  close(): Promise<void>;
};

export const createScreenOpener = (
  { env, stdin, stdout, look, outside, onQuit }: ScreenOpenerOptions,
  { ascii, color }: Pick<TerminalTraits, 'ascii' | 'color'>,
  wishes: Pick<StopWishes, 'push' | 'first' | 'withoutInterrupts'>,
): ScreenOpener => {
  let closed = false;
  const runHere = (words: readonly string[], signal: AbortSignal): Promise<number> => {
    const { node, script } = ownProgram;
    const args = [script, ...words];
    return wishes.withoutInterrupts(() =>
      runProgram({ command: node, args, env, stdio: 'inherit', interactive: true, signal }),
    );
  };
  let opening: Promise<ScreenHandle | null> | null = null;
  const begin = async (shown: Shown): Promise<ScreenHandle | null> => {
    const { openScreen } = await loadScreen();
    if (closed) return null;
    const handle = await openScreen({
      ...shown,
      stdin,
      stdout,
      clock: systemClock,
      ascii,
      color,
      look,
      outside: outside(shown),
      alias: ownAlias(env, ownProgram),
      signIn: (account, signal) => runHere(['account', 'login', account], signal),
      // Beside the proxy of this screen, so on a port of its own.
      demo: (signal) => runHere(['--demo', '--port', '0'], signal),
      onQuit,
      hurry: wishes.first,
    });
    // A terminal that went away fails the last writes, too: that is no further reason to stop.
    handle.ended.catch((error: unknown) => wishes.first.aborted || wishes.push({ kind: 'broken', error }));
    return handle;
  };
  return {
    async open(shown) {
      opening ??= begin(shown);
      const handle = await opening;
      if (handle === null) throw new Error('the screen was closed before it was open');
      return handle;
    },
    async close() {
      closed = true;
      const handle = await opening?.catch(() => null);
      await handle?.close();
    },
  };
};
