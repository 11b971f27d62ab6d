import { expect } from 'vitest';
import { programFile } from '../kit/program-environment.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { modesLeftOn } from '../kit/screen.ts';
import { shows } from './at-screen.ts';
import type { World } from './world.ts';

/** The program as a word of shell. */
export const program = `'${process.execPath}' '${programFile}'`;

/** A shell with job control, as a person has; without a line editor, whose own modes would be in the way. */
export const openShell = async (world: World, columns = 100, rows = 30): Promise<Pty> => {
  const pty = world.open(['--norc', '--noprofile', '--noediting', '-i'], {
    command: 'bash',
    columns,
    rows,
    env: { PS1: '$ ' },
  });
  await pty.waitFor(shows(/^\$/));
  await answer(pty, 'before=$(stty -g)', /before=/);
  // A program typed before that stands above the prompt: the screen it leaves would look as if the shell asked already.
  await shellAsks(pty);
  return pty;
};

/** Types a command that prints the word, and waits for that. */
export const answer = async (pty: Pty, command: string, word: RegExp): Promise<void> => {
  pty.send(`${command}\r`);
  await pty.waitFor(shows(word));
};

let asked = 0;

/** The modes of the terminal are those of before the program, and none of a screen is on. */
export const expectAsBefore = async (pty: Pty): Promise<void> => {
  expect(modesLeftOn(pty.raw())).toEqual([]);
  asked += 1;
  await answer(
    pty,
    `[ "$before" = "$(stty -g)" ] && echo as-be""fore ${asked}`,
    new RegExp(`as-before ${asked}`),
  );
};

/** Quits, and waits until the shell asks for the next command: what is typed before that may still be the program's. */
export const leaveToShell = async (pty: Pty): Promise<void> => {
  pty.send('q');
  await shellAsks(pty);
};

/** The shell asks for the next command. */
export const shellAsks = async (pty: Pty): Promise<void> => {
  await pty.waitFor(
    (lines) => !pty.screen.alternate() && lines.findLast((line) => line !== '')?.trim() === '$',
  );
};

/** Every key comes to the screen: the help opens, and closes again. */
export const expectKeys = async (pty: Pty): Promise<void> => {
  pty.send('?');
  await pty.waitFor(shows(/pause or/));
  pty.send(keys.escape);
  await pty.waitFor((lines) => !shows(/pause or/)(lines));
};
