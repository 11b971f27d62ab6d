import { readSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { spawn, type IPty } from '@lydell/node-pty';
import { programEnvironment, programFile } from './program-environment.ts';
import { createScreen, type Screen } from './screen.ts';

export type PtyOptions = {
  /** `CCR_TUI_HOME` and `HOME` of the program. */
  home: string;
  columns?: number;
  rows?: number;
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Started with `args` instead of the compiled program under this process's Node. */
  command?: string;
};

export type Pty = {
  pid: number;
  screen: Screen;
  /** Every byte that the program wrote. */
  raw(): Buffer;
  /** Types these bytes; names of keys are in `keys`. */
  send(bytes: string): void;
  resize(columns: number, rows: number): void;
  /** Nobody reads the terminal any more, as behind XOFF or a hung ssh. */
  pause(): void;
  resume(): void;
  /** The first screen, now or later, that satisfies the test. Rejects with the screen after `timeoutMs`. */
  waitFor(test: (lines: string[]) => boolean, timeoutMs?: number): Promise<string[]>;
  signal(name: NodeJS.Signals): void;
  /** Takes the terminal away, as closing its window does. */
  hangUp(): void;
  /** Settles when the program has ended and its last bytes are on the screen. `signal` 0 = none. */
  exit: Promise<{ code: number; signal: number }>;
  /** SIGKILL if it still runs; settles when it is gone. For cleaning up. */
  stop(): Promise<void>;
};

export const keys = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  shiftTab: '\x1b[Z',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  ctrlC: '\x03',
  ctrlZ: '\x1a',
  backspace: '\x7f',
} as const;

/** More than any terminal holds back: whoever still writes after that much goes on for ever. */
const heldBytes = 262_144;

/** What can be read of the terminal at once; nothing when it has ended, or when somebody else has it who says nothing. */
const readNow = (fd: number, into: Buffer): number => {
  try {
    return readSync(fd, into);
  } catch {
    return 0;
  }
};

/**
 * The library closes a terminal 200 ms after the end of its program, read or not, and Node 22 takes a terminal that was
 * hung up for one that has been read: on a busy machine that takes the last words away. From now on what is there is read
 * before; a terminal that somebody else still has is closed all the same. The returned function closes it at once.
 */
export const readToEnd = (pty: IPty): (() => void) => {
  // The types leave all three out.
  const { _socket: socket, fd, destroy } = pty as IPty & { _socket: ReadStream; fd: number; destroy(): void };
  const close = socket.destroy.bind(socket);
  const readOut = (): void => {
    const room = Buffer.alloc(65_536);
    for (let read = 0; read < heldBytes;) {
      const length = readNow(fd, room);
      if (length === 0) return;
      read += length;
      socket.emit('data', Buffer.from(room.subarray(0, length)));
    }
  };
  socket.destroy = (error) => {
    socket.destroy = close;
    if (error === undefined && !socket.destroyed && !socket.isPaused()) readOut();
    return close(error);
  };
  return () => {
    socket.destroy = close;
    destroy.call(pty);
  };
};

/** Starts a program in a real pseudoterminal and shows its screen. */
export const startPty = (args: readonly string[], options: PtyOptions): Pty => {
  const { columns = 100, rows = 30 } = options;
  const screen = createScreen(columns, rows);
  const file = options.command ?? process.execPath;
  const pty = spawn(file, options.command === undefined ? [programFile, ...args] : [...args], {
    // Becomes TERM, whatever `env` says.
    name: options.env?.['TERM'] ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd: options.cwd ?? options.home,
    env: programEnvironment(options.home, { TERM: 'xterm-256color', ...options.env }),
    // Bytes, not strings: a character may be cut between two reads.
    encoding: null,
  });
  const hangUp = readToEnd(pty);
  const received: Buffer[] = [];
  let drawn = Promise.resolve();
  pty.onData((data) => {
    const bytes = Buffer.from(data);
    received.push(bytes);
    drawn = screen.write(bytes);
  });
  let ended = false;
  const exit = new Promise<{ code: number; signal: number }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      ended = true;
      void drawn.then(() => resolve({ code: exitCode, signal: signal ?? 0 }));
    });
  });
  screen.onAnswer((bytes) => {
    if (!ended) pty.write(bytes);
  });

  return {
    pid: pty.pid,
    screen,
    raw: () => Buffer.concat(received),
    send: (bytes) => pty.write(bytes),
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    resize(newColumns, newRows) {
      screen.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
    },
    async waitFor(test, timeoutMs = 15_000) {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      const look = (): void => {
        const lines = screen.lines();
        if (!screen.drawing() && test(lines)) resolve(lines);
      };
      const fail = (why: string): void => reject(new Error(`${why}; the screen:\n${screen.text()}`));
      const timer = setTimeout(() => fail(`not on the screen within ${timeoutMs} ms`), timeoutMs);
      screen.onChange(look);
      look();
      void exit.then(({ code }) => {
        look();
        fail(`the program ended with ${code}`);
      });
      return promise.finally(() => clearTimeout(timer));
    },
    signal: (name) => {
      if (!ended) process.kill(pty.pid, name);
    },
    // It closes our end, and tells the shell.
    hangUp,
    exit,
    async stop() {
      if (!ended) pty.kill('SIGKILL');
      await exit;
    },
  };
};
