import { fileURLToPath } from 'node:url';
import { ownAlias } from './clients/own-command.ts';
import type { ScreenOptions } from './commands/context.ts';
import { loadScreen } from './load-screen.ts';
import { systemClock } from './shared/clock.ts';
import type { StopWishes } from './shutdown.ts';
import type { Session } from './store/session.ts';
import type { ScreenHandle } from './ui/open-screen.tsx';
import type { TerminalTraits } from './ui/terminal-traits.ts';

/** What a screen shows. */
export type Shown = {
  session: Session;
  /** The proxy runs in this process and stops with it. */
  holdsProxy: boolean;
};

/** The one screen of this process, which may be opened before what it shows has started. */
export type ScreenOpener = {
  /** Opens it, once; asked again, the same one, whatever is given. Its keys and its failure become wishes to stop. */
  open(shown: Shown): Promise<ScreenHandle>;
  /** Gives the terminal back. One that is not open yet stays closed. */
  close(): Promise<void>;
};

/** What the installed name stands for; this file lies beside it. */
const ownProgram = { node: process.execPath, script: fileURLToPath(new URL('bin.cjs', import.meta.url)) };

export const createScreenOpener = (
  { env, stdin, stdout }: Pick<ScreenOptions, 'env' | 'stdin' | 'stdout'>,
  { ascii, color }: Pick<TerminalTraits, 'ascii' | 'color'>,
  wishes: Pick<StopWishes, 'push' | 'first'>,
): ScreenOpener => {
  let closed = false;
  let opening: Promise<ScreenHandle | null> | null = null;
  const begin = async ({ session, holdsProxy }: Shown): Promise<ScreenHandle | null> => {
    const { openScreen } = await loadScreen();
    if (closed) return null;
    const handle = await openScreen({
      session,
      stdin,
      stdout,
      clock: systemClock,
      ascii,
      color,
      alias: ownAlias(env, ownProgram),
      holdsProxy,
      onQuit: (key) => wishes.push({ kind: 'key', key }),
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
