import { describe, expect, it } from 'vitest';
import { programFile } from '../kit/program-environment.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { modesLeftOn } from '../kit/screen.ts';
import { holdStream, instanceOf, onThisMachine, shows } from './at-screen.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const program = `'${process.execPath}' '${programFile}'`;
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Quits, and waits until the shell asks for the next command: what is typed before that may still be the program's. */
const leave = async (pty: Pty): Promise<void> => {
  pty.send('q');
  await pty.waitFor(
    (lines) => !pty.screen.alternate() && lines.findLast((line) => line !== '')?.trim() === '$',
  );
};

/** A shell with job control, as a person has; without a line editor, whose own modes would be in the way. */
const openShell = async (columns = 100, rows = 30): Promise<Pty> => {
  const pty = world.open(['--norc', '--noprofile', '--noediting', '-i'], {
    command: 'bash',
    columns,
    rows,
    env: { PS1: '$ ' },
  });
  await pty.waitFor(shows(/^\$/));
  pty.send('before=$(stty -g)\r');
  return pty;
};

/** Types a command that prints the word, and waits for that. */
const answer = async (pty: Pty, command: string, word: RegExp): Promise<void> => {
  pty.send(`${command}\r`);
  await pty.waitFor(shows(word));
};

let asked = 0;

/** The shell has the terminal, as it was before the program. */
const expectShell = async (pty: Pty): Promise<void> => {
  await pty.waitFor((lines) => !pty.screen.alternate() && shows('Stopped')(lines));
  expect(modesLeftOn(pty.raw())).toEqual([]);
  asked += 1;
  await answer(
    pty,
    `[ "$before" = "$(stty -g)" ] && echo as-be""fore ${asked}`,
    new RegExp(`as-before ${asked}`),
  );
};

/** Types fg; resolves with how long it took until everything was there again. */
const foreground = async (pty: Pty, there: (lines: string[]) => boolean): Promise<number> => {
  const asked = performance.now();
  pty.send('fg\r');
  await pty.waitFor((lines) => pty.screen.alternate() && there(lines));
  return performance.now() - asked;
};

describe('ctrl+z', () => {
  it('gives the terminal to the shell as it was, and fg draws everything again at once', async () => {
    const pty = await openShell();
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    for (let round = 0; round < 2; round += 1) {
      pty.send(keys.ctrlZ);
      await expectShell(pty);
      expect(await foreground(pty, (lines) => shows('ccr-tui')(lines) && shows('quit')(lines))).toBeLessThan(
        onThisMachine(200),
      );
      pty.send('?');
      await pty.waitFor(shows(/pause or/));
      pty.send(keys.escape);
      await pty.waitFor((lines) => !shows(/pause or/)(lines));
    }
    await leave(pty);
    await answer(pty, 'echo "left $?"', /left 0/);
    expect(modesLeftOn(pty.raw())).toEqual([]);
  });

  it('finds the size of the terminal as it is after fg', async () => {
    const pty = await openShell();
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    pty.send(keys.ctrlZ);
    await pty.waitFor(shows('Stopped'));
    pty.resize(60, 20);
    await answer(pty, 'stty size', /20 60/);
    await foreground(pty, (lines) => lines.at(-1)?.includes('quit') === true);
    expect(pty.screen.lines()[0]).toMatch(/^ (?:ccr-tui.*)?:\d+ .*\d\d:\d\d$/);
    expect(pty.screen.lines().every((line) => line.length <= 60)).toBe(true);
  });

  it('warns while requests are in flight: they would stop, too; once more and it suspends', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = await openShell();
    pty.send(`${program} --port 0\r`);
    await pty.waitFor(shows('quit'));
    const { url } = await instanceOf(world);
    const { release, ended } = await holdStream(url, upstream);
    await pty.waitFor(shows('1 in flight'));
    pty.send(keys.ctrlZ);
    await pty.waitFor(shows('1 in flight; suspending stops the proxy too; ctrl+z again suspends'));
    expect(pty.screen.alternate()).toBe(true);
    pty.send(keys.ctrlZ);
    await expectShell(pty);
    release();
    await foreground(pty, shows('200 ok'));
    expect(await ended).toMatchObject({ type: 'message' });
    expect(shows('suspending')(pty.screen.lines())).toBe(false);
    await leave(pty);
  });

  it('stops an attached screen at once, and the proxy elsewhere goes on', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url } = await world.serve();
    const { release, ended } = await holdStream(url, upstream);
    const pty = await openShell();
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
    const pty = await openShell();
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
    await answer(pty, 'wait; echo "gone"', /gone$/);
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
    const pty = await openShell();
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
    await leave(pty);
    await expectShell(pty);
    expect(pty.screen.text()).not.toContain('quit');
  });
});
