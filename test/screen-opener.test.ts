import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { instanceOf, shows } from './e2e/at-screen.ts';
import { unlimited, until, useWorld } from './e2e/world.ts';
import { heldThreads } from './kit/held-threads.ts';
import { programFile } from './kit/program-environment.ts';
import { keys, type Pty } from './kit/pty.ts';

const world = useWorld();

type Held = { pty: Pty; letGo(): void };

/** A screen on two accounts whose proxy does not start before it is let go. */
const openHeld = async (columns: number, rows: number, args = ['--port', '0']): Promise<Held> => {
  const upstream = await world.provider({ work: unlimited, home: unlimited });
  await world.add('work', upstream);
  await world.add('home', upstream);
  await world.given(['account', 'pause', 'home']);
  const { env, letGo } = heldThreads(join(world.home, 'go'));
  const pty = world.open(args, { columns, rows, env });
  await pty.waitFor((lines) => ['work', 'home', 'quit'].every((text) => shows(text)(lines)));
  return { pty, letGo };
};

const address = /:\d{4,5}\b/;
/** Without the address, the time, and the bars of the last minutes, which come with it. */
const settled = (lines: readonly string[]): string[] =>
  lines.map((line) =>
    line
      .replace(/127\.0\.0\.1:\d+|starting {7}|:\d{5}|:-{5}/, '@')
      .replace(/\d\d:\d\d$/, '')
      .replaceAll('▁', ' '),
  );

describe('a screen whose proxy still starts', () => {
  it.each([
    [100, 30, 'starting'],
    [60, 20, ':-----'],
    [30, 6, ':-----'],
  ])('shows the accounts and no address on %i x %i, and nothing moves when it listens', async (...size) => {
    const [columns, rows, place] = size;
    const { pty, letGo } = await openHeld(columns, rows);
    const before = pty.screen.lines();
    expect(before[0]).toContain(place);
    expect(before[0]).not.toMatch(address);
    expect(before.find((line) => line.includes('home'))).toContain('paused');
    expect(await world.json(['status'])).toMatchObject([{ running: false }]);
    letGo();
    const after = await pty.waitFor(([header]) => address.test(header ?? ''));
    const other = settled(after).filter((line) => !settled(before).includes(line));
    // Which account is next is known only now: a mark, and what it means in the title.
    expect(other.filter((line) => !/work|serves next/.test(line))).toEqual([]);
    expect(after.findIndex((line) => line.includes('work'))).toBe(
      before.findIndex((line) => line.includes('work')),
    );
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  });

  it.each([
    ['q', (pty: Pty) => pty.send('q'), 0],
    ['Ctrl-C', (pty: Pty) => pty.send(keys.ctrlC), 130],
    ['SIGTERM', (pty: Pty) => pty.signal('SIGTERM'), 143],
  ])('ends at once with %s, and gives the terminal back', async (_, end, code) => {
    const { pty } = await openHeld(100, 30);
    end(pty);
    expect(await pty.exit).toEqual({ code, signal: 0 });
    expect(pty.screen.alternate()).toBe(false);
    expect(pty.screen.modes().bracketedPaste).toBe(false);
    expect(pty.screen.text().trim()).toBe('');
  });

  it('carries a command out when it has started', async () => {
    const { pty, letGo } = await openHeld(100, 30);
    pty.send('p');
    letGo();
    await pty.waitFor(shows(/home .*ready/));
    expect(await world.json(['status'])).toMatchObject([{ running: true, ready: 2 }]);
  });

  it('says on the normal screen why the start failed', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { pty, letGo } = await openHeld(100, 30, ['--port', String(port)]);
    expect(pty.screen.alternate()).toBe(true);
    letGo();
    expect(await pty.exit).toEqual({ code: 1, signal: 0 });
    taken.close();
    expect(pty.screen.alternate()).toBe(false);
    expect(pty.screen.lines().filter((line) => line !== '')).toEqual([
      expect.stringMatching(new RegExp(`^ccr-tui: .*${port}.*; `)),
    ]);
  });
});

describe('a terminal that takes nothing from the start', () => {
  /** Writes until nothing more is taken: the kernel makes room some time later for what it has passed on. */
  const fill = `
    process.stdout._handle.setBlocking(false);
    const full = { times: 0 };
    const write = () => {
      try {
        for (;;) full.times = fs.writeSync(1, 'x'.repeat(100)) && 0;
      } catch {
        if (++full.times < 100) setTimeout(write, 2);
      }
    };
    write();`;

  it('does not keep the program from its end', async () => {
    const run = `'${process.execPath}' -e "${fill}"; exec '${process.execPath}' '${programFile}' --port 0`;
    const pty = world.open(['-c', run], { command: '/bin/sh' });
    pty.pause();
    await instanceOf(world);
    pty.signal('SIGTERM');
    await until(
      () => world.run(['status']),
      ({ code }) => code === 4,
    );
    pty.resume();
    expect(await pty.exit).toMatchObject({ code: 143 });
  });
});
