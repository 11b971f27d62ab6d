import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../benchmark/process-cpu.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { programFile } from '../kit/program-environment.ts';
import { runningTime } from '../kit/running-time.ts';
import { holdStream, instanceOf, onThisMachine, shows } from './at-screen.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const node = process.execPath;
const sizes = [
  [100, 30],
  [60, 20],
  [30, 6],
] as const;
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const refuses = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => false,
    () => true,
  );
const marked = (lines: string[]): string => lines.find((line) => line.trimStart().startsWith('>')) ?? '';

/** Of one processor; read from /proc, and nothing where there is none. */
const shareOfCpu = async (pid: number): Promise<number> => {
  if (process.platform !== 'linux') return 0;
  const [before, since] = [cpuMs(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 300));
  return (cpuMs(pid) - before) / (performance.now() - since);
};

/** Opens the screen on a free port and waits for its last line of keys. */
const open = async (columns = 100, rows = 30, args: readonly string[] = []): Promise<Pty> => {
  const pty = world.open(['--port', '0', ...args], { columns, rows });
  await pty.waitFor(shows('quit'));
  return pty;
};

const urlOf = async (): Promise<string> => (await instanceOf(world)).url;

/** The terminal is as it was: main screen, no mode left on, and the cursor was shown after it was last hidden. */
const expectRestored = (pty: Pty): void => {
  expect(pty.screen.alternate()).toBe(false);
  expect(pty.screen.modes()).toEqual({
    bracketedPaste: false,
    mouse: false,
    focusReports: false,
    applicationCursor: false,
  });
  const written = pty.raw().toString();
  expect(written.lastIndexOf('\x1b[?25h')).toBeGreaterThan(written.lastIndexOf('\x1b[?25l'));
};

describe.each(sizes)('a screen of %i x %i', (columns, rows) => {
  it('says how to begin, then shows accounts and requests as they come', async () => {
    const upstream = await world.provider({
      work: { kind: 'unified', used: { '5h': 0.41 } },
      home: unlimited,
    });
    const pty = await open(columns, rows);
    expect(pty.screen.alternate()).toBe(true);
    expect(pty.screen.text()).toMatch(/No account yet\.\s+a +add an? (?:API )?key/);
    await world.add('work', upstream);
    await pty.waitFor(shows(/work/));
    await pty.waitFor((lines) => !shows('No account yet')(lines));
    const url = await urlOf();
    // The narrowest screen has room for the port alone.
    expect(pty.screen.text()).toContain(`:${new URL(url).port}`);
    await sdkFor(url).messages.create(ask('one'));
    await pty.waitFor(shows(/work .*200 ok/));
    await pty.waitFor(shows('41%'));
    expect(pty.screen.lines().every((line) => line.length <= columns)).toBe(true);
    expect(pty.screen.scrollback()).toBe(0);

    pty.send('?');
    await pty.waitFor(shows('Esc close'));
    pty.send(keys.escape);
    await pty.waitFor(shows('quit'));
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expectRestored(pty);
  });
});

describe('keys', () => {
  it('p keeps requests off the selected account, and gives them back', async () => {
    const upstream = await world.provider({ alpha: unlimited, beta: unlimited });
    await world.add('alpha', upstream);
    await world.add('beta', upstream);
    const pty = await open();
    await pty.waitFor((lines) => marked(lines).includes('alpha'));
    const url = await urlOf();
    pty.send('p');
    await pty.waitFor((lines) => /alpha.*paused/.test(marked(lines)));
    for (let n = 0; n < 4; n += 1) await sdkFor(url).messages.create(ask(`n${n}`));
    expect(upstream.truth()).toMatchObject({ alpha: { served: 0 }, beta: { served: 4 } });
    const [accounts] = await world.json<{ name: string; paused: boolean }[]>(['account', 'list']);
    expect(accounts).toMatchObject([
      { name: 'alpha', paused: true },
      { name: 'beta', paused: false },
    ]);
    pty.send('p');
    await pty.waitFor((lines) => /alpha.*ready/.test(marked(lines)));
    pty.send('jp');
    await pty.waitFor((lines) => /beta.*paused/.test(marked(lines)));
    await sdkFor(url).messages.create(ask('back'));
    expect(upstream.truth()).toMatchObject({ alpha: { served: 1 }, beta: { served: 4 } });
  });

  it('j, k and Tab move, each letter of one write counts', async () => {
    const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
    const upstream = await world.provider(Object.fromEntries(names.map((name) => [name, unlimited])));
    for (const name of names) await world.add(name, upstream);
    const pty = await open();
    await pty.waitFor((lines) => marked(lines).includes('a1'));
    pty.send('jjjj');
    await pty.waitFor((lines) => marked(lines).includes('a5'));
    pty.send('kk');
    await pty.waitFor((lines) => marked(lines).includes('a3'));
    const url = await urlOf();
    for (let n = 0; n < 3; n += 1) await sdkFor(url).messages.create(ask(`n${n}`));
    await pty.waitFor((lines) => lines.filter((line) => line.includes('200 ok')).length === 3);
    pty.send(`${keys.tab}k`);
    await pty.waitFor(shows('1 below'));
    pty.send('j');
    await pty.waitFor((lines) => !shows('1 below')(lines));
    pty.send(`${keys.shiftTab}k`);
    expect(marked(await pty.waitFor((lines) => marked(lines).includes('a2')))).toContain('ready');
  });
});

describe('the end of the screen', () => {
  it.each(sizes)(
    'q with requests in flight says how many on %i x %i, and waits for them',
    async (...size) => {
      const upstream = await world.provider({ work: unlimited });
      await world.add('work', upstream);
      const pty = await open(...size);
      const url = await urlOf();
      const streams = [await holdStream(url, upstream), await holdStream(url, upstream)];
      pty.send('q');
      await pty.waitFor(shows(/draining 2, \d+ s/));
      expect(pty.screen.alternate()).toBe(true);
      expect(pty.screen.scrollback()).toBe(0);
      streams[0]?.release();
      await pty.waitFor(shows(/draining 1, \d+ s/));
      streams[1]?.release();
      for (const { ended } of streams) expect(await ended).toMatchObject({ type: 'message' });
      expect(await pty.exit).toEqual({ code: 0, signal: 0 });
      expectRestored(pty);
    },
  );

  it.each([
    ['q', 'q', 0],
    ['Ctrl-C', keys.ctrlC, 130],
  ])('%s again cuts what is in flight and leaves at once', async (_, key, code) => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = await open();
    const { ended } = await holdStream(await urlOf(), upstream);
    pty.send(key);
    await pty.waitFor(shows('draining 1'));
    const passed = runningTime();
    pty.send(key);
    expect(await pty.exit).toEqual({ code, signal: 0 });
    expect(passed()).toBeLessThan(Math.min(1000, onThisMachine(500)));
    expect(await ended).toBeInstanceOf(Error);
    expectRestored(pty);
  });

  it('q is taken back by Esc while requests are in flight, and the proxy takes new ones', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = await open();
    const url = await urlOf();
    const { release, ended } = await holdStream(url, upstream);
    await pty.waitFor(shows('1 in flight'));
    pty.send('q');
    await pty.waitFor(shows(/draining 1, \d+ s; again = now, Esc = stay, d = refuse new ones/));
    pty.send(keys.escape);
    await pty.waitFor((lines) => !shows('draining')(lines));
    expect(await sdkFor(url).messages.create(ask('more'))).toMatchObject({ type: 'message' });
    pty.send('q');
    await pty.waitFor(shows('draining 1'));
    pty.send('d');
    await until(
      () => refuses(url),
      (refused) => refused,
    );
    release();
    expect(await ended).toMatchObject({ type: 'message' });
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  });

  it('a signal gives the terminal back first and then drains', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = await open();
    const { release, ended } = await holdStream(await urlOf(), upstream);
    pty.signal('SIGTERM');
    await until(
      () => pty.screen.alternate(),
      (alternate) => !alternate,
    );
    release();
    expect(await ended).toMatchObject({ type: 'message' });
    expect(await pty.exit).toEqual({ code: 143, signal: 0 });
  });
});

describe('a terminal that goes away', () => {
  it('takes the program with it, which leaves nothing behind', async () => {
    const pty = world.open(['-c', `'${node}' '${programFile}' --port 0; true`], { command: '/bin/sh' });
    await pty.waitFor(shows('quit'));
    const { pid } = await instanceOf(world);
    // The shell leads the session: with it the terminal is hung up, as when a window is closed.
    await pty.stop();
    await until(
      () => isAlive(pid),
      (alive) => !alive,
    );
    expect(existsSync(join(world.home, 'instance.lock'))).toBe(false);
    expect(existsSync(join(world.home, 'control.sock'))).toBe(false);
  });
});

describe('a window that is closed', () => {
  it('lets a request in flight finish before the program ends', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = world.open(['--norc', '--noprofile', '--noediting', '-i'], { command: 'bash' });
    pty.send(`'${node}' '${programFile}' --port 0\r`);
    await pty.waitFor(shows('quit'));
    const { url, pid } = await instanceOf(world);
    const { release, ended } = await holdStream(url, upstream);
    // Twice by itself: from the shell to its jobs, and from the kernel when the shell has gone; and each write fails.
    pty.hangUp();
    process.kill(pid, 'SIGHUP');
    await pty.exit;
    await until(
      () => refuses(url),
      (refused) => refused,
    );
    expect(isAlive(pid)).toBe(true);
    // Nobody is there to draw for, and it does not turn in circles over that once the screen is closed.
    await expect.poll(() => shareOfCpu(pid)).toBeLessThan(0.5);
    release();
    expect(await ended).toMatchObject({ type: 'message' });
    await until(
      () => isAlive(pid),
      (alive) => !alive,
    );
    expect(existsSync(join(world.home, 'instance.lock'))).toBe(false);
  });
});

describe('a second screen', () => {
  it('attaches, acts by the keys of its person, and leaves without ending the first', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const first = await open();
    const url = await urlOf();
    await world.given(['config', 'set', 'screen.keys', 'account.toggle P,undo p']);
    const second = world.open([]);
    await second.waitFor(shows(new URL(url).host));
    second.send('P');
    await second.waitFor(shows(/work.*paused/));
    await second.waitFor(shows('paused work · p undoes'));
    await first.waitFor(shows(/work.*paused/));
    second.send('p');
    await first.waitFor(shows(/work.*ready/));
    await sdkFor(url).messages.create(ask('seen by both'));
    await Promise.all([first, second].map((pty) => pty.waitFor(shows('200 ok'))));
    second.send('q');
    expect(await second.exit).toEqual({ code: 0, signal: 0 });
    expectRestored(second);
    expect(await world.json(['status'])).toMatchObject([{ running: true, url }]);
    await sdkFor(url).messages.create(ask('still'));
    await first.waitFor((lines) => lines.filter((line) => line.includes('200 ok')).length === 2);
  });

  it('that is opened at the same moment shows the same instance, whichever of them has begun it', async () => {
    const screens = [
      world.open([], { env: { CCR_TUI_PORT: '0' } }),
      world.open([], { env: { CCR_TUI_PORT: '0' } }),
    ];
    await Promise.all(screens.map((pty) => pty.waitFor(shows('quit'))));
    const { url, pid } = await instanceOf(world);
    await Promise.all(screens.map((pty) => pty.waitFor(shows(new URL(url).host))));
    expect(screens.map((pty) => pty.pid)).toContain(pid);
  });

  it('ends with 0 when the instance stops in order, and says so', async () => {
    const first = await open();
    const url = await urlOf();
    const second = world.open([]);
    await second.waitFor(shows(new URL(url).host));
    first.send('q');
    expect(await first.exit).toEqual({ code: 0, signal: 0 });
    expect(await second.exit).toEqual({ code: 0, signal: 0 });
    expectRestored(second);
    expect(second.screen.text().trim()).toBe('ccr-tui: the instance has stopped');
  });

  it('ends with 1 when the instance is lost, and says so', async () => {
    const { url, program } = await world.serve();
    const attached = world.open([]);
    await attached.waitFor(shows(new URL(url).host));
    program.signal('SIGKILL');
    expect(await attached.exit).toEqual({ code: 1, signal: 0 });
    expectRestored(attached);
    expect(attached.screen.text().trim()).toMatch(
      /^ccr-tui: the connection to the running instance was lost; .*start it again/s,
    );
  });

  it('does not hold up requests when it is stopped in mid-draw', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url } = await world.serve();
    const attached = world.open([]);
    await attached.waitFor(shows(new URL(url).host));
    attached.signal('SIGSTOP');
    for (let n = 0; n < 30; n += 1) await sdkFor(url).messages.create(ask(`n${n}`));
    expect(upstream.truth()).toMatchObject({ work: { served: 30 } });
    attached.signal('SIGCONT');
    await attached.waitFor(shows('200 ok'));
    attached.send('q');
    expect((await attached.exit).code).toBe(0);
  });
});

describe('a terminal that nobody reads', () => {
  const middle = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;
  const timeOf = async (url: string, text: string): Promise<number> => {
    const asked = performance.now();
    await sdkFor(url).messages.create(ask(text));
    return performance.now() - asked;
  };
  /** How many times as long it takes through the one as through the other: in turn, on the same busy machine. */
  const timesAsLong = async (one: string, other: string, count: number): Promise<number> => {
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < count; n += 1) {
      times[0].push(await timeOf(one, `n${n}`));
      times[1].push(await timeOf(other, `n${n}`));
    }
    return middle(times[0]) / middle(times[1]);
  };

  it('does not slow requests down, and the program still ends when told to', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    // One without a terminal, with a home of its own.
    const CCR_TUI_HOME = join(world.home, 'other');
    const names = readdirSync(world.home);
    mkdirSync(CCR_TUI_HOME, { mode: 0o700 });
    for (const name of names) cpSync(join(world.home, name), join(CCR_TUI_HOME, name), { recursive: true });
    const { url: other } = await world.serve([], { CCR_TUI_HOME });
    const pty = await open();
    const url = await urlOf();
    await timesAsLong(url, other, 10);
    pty.pause();
    // More frames than any terminal holds back: the size changes, and each change is drawn completely.
    for (let n = 0; n < 60; n += 1) {
      pty.resize(100 - (n % 2), 30);
      await sdkFor(url).messages.create(ask(`fill ${n}`));
    }
    // What the terminal holds up is slow each time; what the machine does besides is not.
    const unread: number[] = [];
    for (let n = 0; n < 5; n += 1) unread.push(await timesAsLong(url, other, 12));
    expect(upstream.truth()).toMatchObject({ work: { served: 200 } });
    expect(Math.min(...unread)).toBeLessThan(2);
    const passed = runningTime();
    pty.signal('SIGTERM');
    await until(
      () => world.run(['status']),
      ({ code }) => code === 4,
    );
    expect(passed()).toBeLessThan(onThisMachine(2500));
    pty.resume();
    expect(await pty.exit).toMatchObject({ code: 143 });
  });
});
