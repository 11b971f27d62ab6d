import type { WriteStream } from 'node:tty';
import { useApp } from 'ink';
import { useInsertionEffect, type ReactNode } from 'react';

const home = '\u001B[H';

export type HandOver = {
  /** Goes around all that is drawn. */
  Stage: (props: { children: ReactNode }) => ReactNode;
  /** Gives the terminal back as it was, runs the callback, and takes it again with everything drawn anew. */
  handOver(callback: () => Promise<void>): Promise<void>;
};

/** What Ink lets happen to the terminal only from inside a component. `handOver` does nothing before the first frame. */
export const createHandOver = (stdout: WriteStream): HandOver => {
  let lend: ((callback: () => Promise<void>) => Promise<void>) | null = null;
  return {
    Stage({ children }) {
      lend = useApp().suspendTerminal;
      // The alternate screen begins with the cursor where it was, which may be behind a prompt: the first line would
      // wrap. Between its beginning and the first frame only this effect runs.
      useInsertionEffect(() => void stdout.write(home), []);
      return children;
    },
    async handOver(callback) {
      await lend?.(async () => {
        await callback();
        stdout.write('\r');
      });
    },
  };
};
