import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programFile } from '../kit/program-environment.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { modesLeftOn } from '../kit/screen.ts';
import { instanceOf, onThisMachine, shows } from './at-screen.ts';
import { until, useWorld } from './world.ts';
import { inRun } from '../kit/long-run.ts';
import { runningTime } from '../kit/running-time.ts';

const world = useWorld();
// Faults come from outside: this code is loaded by Node before the program, which knows nothing of it. In the main
// thread a signal of its own sets one off, in the proxy's thread a file that appears.
const injected = (folder: string): string => `
  import { existsSync, readFileSync } from 'node:fs';
  import { createRequire } from 'node:module';
  import { isMainThread, workerData } from 'node:worker_threads';
  const fault = ${JSON.stringify(join(folder, 'fault'))};
    const faults = {
    throw() { throw new Error('thrown from outside'); },
    reject() { void Promise.reject(new Error('rejected from outside')); },
    render() { globalThis.renderFault = true; process.stdin.unshift('?'); },
    epipe() {
      process.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
    },
    eio() {
      process.stdout.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO', syscall: 'write' }));
    },
  };
  if (isMainThread) {
    const react = createRequire(${JSON.stringify(programFile)})('react');
    const { useSyncExternalStore } = react;
    react.useSyncExternalStore = (...given) => {
      if (globalThis.renderFault) throw new Error('drawing failed');
      return useSyncExternalStore(...given);
    };
    process.on('SIGUSR2', () => faults[readFileSync(fault, 'utf8')]?.());
  } else if (workerData?.config) {
    setInterval(() => { if (existsSync(fault) && readFileSync(fault, 'utf8') === 'worker') process.exit(7); }, 5).unref();
  }
`;

/** The program in a shell of its own, which tells what it left behind: the code and whether the terminal is as before. */
const open = async (
  columns = 100,
  rows = 30,
): Promise<{ pty: Pty; pid: number; cause(fault: string): void }> => {
  const file = join(world.home, 'fault');
  const script = `before=$(stty -g); '${process.execPath}' '${programFile}' --port 0 --mouse
    echo "left $?"; [ "$before" = "$(stty -g)" ] && echo same`;
  const pty = world.open(['-c', script], {
    command: '/bin/sh',
    columns,
    rows,
    env: {
      NODE_ENV: 'production',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(injected(world.home))}`,
    },
  });
  // Each mode that it ever sets is there to be left on.
  await pty.waitFor((lines) => shows('quit')(lines) && pty.screen.modes().mouse);
  const { pid } = await instanceOf(world);
  return {
    pty,
    pid,
    cause(fault) {
      writeFileSync(file, fault);
      process.kill(pid, 'SIGUSR2');
    },
  };
};

type Opened = Awaited<ReturnType<typeof open>>;
type End = (opened: Opened) => unknown;

// What ends it, with which code, what is said on the way out, and within how many milliseconds.
type Row = [name: string, code: number, said: string | null, end: End, ms?: number];
const ends: Row[] = [
  ['q', 0, null, ({ pty }) => pty.send('q')],
  ['Ctrl-C', 130, null, ({ pty }) => pty.send(keys.ctrlC)],
  ['SIGTERM', 143, null, ({ pid }) => process.kill(pid, 'SIGTERM')],
  ['SIGINT from outside', 130, null, ({ pid }) => process.kill(pid, 'SIGINT')],
  ['SIGHUP', 129, null, ({ pid }) => process.kill(pid, 'SIGHUP')],
  ['stop', 0, null, () => void world.run(['stop']), 2500],
  ['an exception', 1, 'thrown from outside', ({ cause }) => cause('throw')],
  ['a rejection', 1, 'rejected from outside', ({ cause }) => cause('reject')],
  ['an error while drawing', 1, 'drawing failed', ({ cause }) => cause('render')],
  ['EPIPE from the terminal', 1, 'cannot write', ({ cause }) => cause('epipe')],
  ['EIO from the terminal', 1, 'cannot write', ({ cause }) => cause('eio')],
  // Starting the thread again is tried for some seconds before it is given up.
  ['the end of the proxy for good', 1, 'the proxy', ({ cause }) => cause('worker'), 12_000],
];

/** Ends in the way of the row before them: for the long run. */
const alike = new Set(['SIGINT from outside', 'a rejection', 'EIO from the terminal']);

describe('the terminal is as before, and so is the home, after', () => {
  it.each(
    inRun(
      ends.filter(([name]) => !alike.has(name)),
      ends,
    ),
  )('%s: exit %i', async (_, code, said, end, ms = 500) => {
    const opened = await open();
    const { pty } = opened;
    const passed = runningTime();
    end(opened);
    await pty.waitFor(shows(/^left \d+/));
    expect(passed()).toBeLessThan(onThisMachine(ms));
    await pty.exit;
    const written = pty.screen.lines().filter((line) => line !== '');
    expect(written.slice(-2)).toEqual([`left ${code}`, 'same']);
    // One sentence, or nothing at all.
    const told = written.slice(0, -2).join('');
    expect(told).toMatch(said === null ? /^$/ : new RegExp(`^ccr-tui: ${said}`));
    expect(modesLeftOn(pty.raw())).toEqual([]);
    expect(pty.screen.alternate()).toBe(false);
    expect(existsSync(join(world.home, 'instance.lock'))).toBe(false);
    expect(existsSync(join(world.home, 'control.sock'))).toBe(false);
    expect(await world.run(['status'])).toMatchObject({ code: 4 });
  });
});

describe('a hidden prompt', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('leaves no mode on and the terminal as before after %s: exit %i', async (signal, code) => {
    const add = `sh -c 'echo "pid $$"; exec "$0" "$@"' '${process.execPath}' '${programFile}' account add work`;
    const script = `before=$(stty -g); ${add}; echo "left $?"; [ "$before" = "$(stty -g)" ] && echo same`;
    const pty = world.open(['-c', script], { command: '/bin/sh' });
    await pty.waitFor(() => pty.screen.modes().bracketedPaste);
    const pid = Number(/pid (\d+)/.exec(pty.screen.text())?.[1]);
    process.kill(pid, signal);
    await pty.exit;
    expect(pty.screen.text()).toMatch(new RegExp(`\nleft ${code}\nsame\\s*$`));
    expect(modesLeftOn(pty.raw())).toEqual([]);
  });
});

describe('a slow start', () => {
  // The proxy's thread begins only after this.
  const slow = `import { isMainThread, workerData } from 'node:worker_threads';
    if (!isMainThread && workerData?.config) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(slow)}` };

  it.each([
    ['Ctrl-C', '', 130],
    ['Ctrl-C in plain mode', '--plain', 0],
  ])('is given up at once by %s, and leaves nothing behind', async (_, flag, code) => {
    const pty = world.open(
      ['-c', `'${process.execPath}' '${programFile}' --port 0 ${flag}; echo "left $?"`],
      { command: 'bash', env },
    );
    await until(
      () => existsSync(join(world.home, 'instance.lock')),
      (exists) => exists,
    );
    const passed = runningTime();
    pty.send(keys.ctrlC);
    await pty.waitFor(shows(/^(\^C)?left \d+/));
    expect(passed()).toBeLessThan(onThisMachine(1000));
    expect(pty.screen.text()).toContain(`left ${code}`);
    expect(existsSync(join(world.home, 'instance.lock'))).toBe(false);
  });

  it('of serve is given up by SIGTERM', async () => {
    const program = world.start(['serve', '--port', '0'], env);
    await until(
      () => existsSync(join(world.home, 'instance.lock')),
      (exists) => exists,
    );
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(existsSync(join(world.home, 'instance.lock'))).toBe(false);
  });
});
