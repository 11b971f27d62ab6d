import { describe, expect, it } from 'vitest';
import { keys, type Pty } from '../kit/pty.ts';
import { modesLeftOn } from '../kit/screen.ts';
import { runningTime } from '../kit/running-time.ts';
import { holdStream, instanceOf, onThisMachine, shows } from './at-screen.ts';
import { answer, expectAsBefore, expectKeys, leaveToShell, openShell, program, shellAsks } from './shell.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** The shell has the terminal, as it was before the program. The word of an earlier stop may still stand there. */
const expectShell = async (pty: Pty): Promise<void> => {
  await shellAsks(pty);
  expect(pty.screen.text()).toContain('Stopped');
  await expectAsBefore(pty);
};

/** Types fg; resolves with how long it took until everything was there again. */
const foreground = async (pty: Pty, there: (lines: string[]) => boolean): Promise<number> => {
  const passed = runningTime();
  pty.send('fg\r');
  await pty.waitFor((lines) => pty.screen.alternate() && there(lines));
  return passed();
};

describe('ctrl+z', () => {
  it('gives the terminal to the shell as it was, and fg draws everything again at once', async () => {
    const pty = await openShell(world);
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    for (let round = 0; round < 2; round += 1) {
      pty.send(keys.ctrlZ);
      await expectShell(pty);
      expect(
        await foreground(pty, (lines) => shows('no account yet')(lines) && shows('quit')(lines)),
      ).toBeLessThan(onThisMachine(200));
      await expectKeys(pty);
    }
    await leaveToShell(pty);
    await answer(pty, 'echo "left $?"', /left 0/);
    expect(modesLeftOn(pty.raw())).toEqual([]);
  });

  it('finds the size of the terminal as it is after fg', async () => {
    const pty = await openShell(world);
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    pty.send(keys.ctrlZ);
    await pty.waitFor(shows('Stopped'));
    pty.resize(60, 20);
    await answer(pty, 'stty size', /20 60/);
    await foreground(pty, (lines) => lines.at(-1)?.includes('quit') === true);
    // The screen stands before there is an address.
    const lines = await pty.waitFor(([head = '']) => /^ (?:ccr-tui.*)?:\d+ .*\d\d:\d\d$/.test(head));
    expect(lines.every((line) => line.length <= 60)).toBe(true);
  });

  it('warns while requests are in flight: they would stop, too; once more and it suspends', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = await openShell(world);
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    const { url } = await instanceOf(world);
    const { release, ended } = await holdStream(url, upstream);
    await pty.waitFor(shows('1 in flight'));
    pty.send(keys.ctrlZ);
    await pty.waitFor(shows('1 in flight; suspending stops the proxy too; again suspends'));
    expect(pty.screen.alternate()).toBe(true);
    pty.send(keys.ctrlZ);
    await expectShell(pty);
    release();
    await foreground(pty, shows('200 ok'));
    expect(await ended).toMatchObject({ type: 'message' });
    expect(shows('suspending')(pty.screen.lines())).toBe(false);
    await leaveToShell(pty);
  });

  it('stops an attached screen at once, and the proxy elsewhere goes on', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url } = await world.serve();
    const { release, ended } = await holdStream(url, upstream);
    const pty = await openShell(world);
    pty.send(`${program}\r`);
    await pty.waitFor(shows('1 in flight'));
    pty.send(keys.ctrlZ);
    await expectShell(pty);
    await sdkFor(url).messages.create(ask('meanwhile'));
    release();
    expect(await ended).toMatchObject({ type: 'message' });
    await foreground(pty, (lines) => lines.filter((line) => line.includes('200 ok')).length === 2);
  });

  it('leaves a job that kill ends without a trace on the terminal', async () => {
    const pty = await openShell(world);
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    const { pid } = await instanceOf(world);
    pty.send(keys.ctrlZ);
    await expectShell(pty);
    const written = pty.raw().length;
    pty.send('kill %1\r');
    await until(
      () => world.run(['status']),
      ({ code }) => code === 4,
    );
    await answer(pty, 'wait; echo "go""ne"', /^gone$/);
    await until(
      () => isAlive(pid),
      (alive) => !alive,
    );
    expect(pty.raw().subarray(written).toString().replaceAll('\x1b[?25h', '')).not.toMatch(/\x1b/);
  });

  it('does nothing where no shell could take the program up again', async () => {
    const pty = world.open(['--port', '0']);
    await pty.waitFor(shows('quit'));
    pty.send(keys.ctrlZ);
    pty.send('?');
    await pty.waitFor(shows(/pause or/));
    expect(pty.screen.alternate()).toBe(true);
    pty.send(`${keys.escape}q`);
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  });

  it('follows SIGTSTP, and draws anew after a SIGSTOP that nobody announced', async () => {
    const pty = await openShell(world);
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    const { pid } = await instanceOf(world);
    process.kill(pid, 'SIGTSTP');
    await expectShell(pty);
    await foreground(pty, shows('quit'));
    process.kill(pid, 'SIGSTOP');
    await pty.waitFor(shows('Stopped'));
    pty.send('fg\r');
    await pty.waitFor((lines) => shows('quit')(lines) && !shows('fg')(lines) && !shows('Stopped')(lines));
    await leaveToShell(pty);
    await expectShell(pty);
    expect(pty.screen.text()).not.toContain('quit');
  });
});
