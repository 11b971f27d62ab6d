import { describe, expect, it } from 'vitest';
import { createScreenModes } from '../../source/ui/screen-modes.ts';

const terminal = () => {
  const written: string[] = [];
  const write = (bytes: string): boolean => written.push(bytes) > 0;
  return { written, stdout: { destroyed: false, write } as never };
};

describe('createScreenModes', () => {
  it('switches on, off while somebody else has the terminal, and off for good', () => {
    const { written, stdout } = terminal();
    const modes = createScreenModes(stdout, [1004, 1006]);
    modes.off();
    modes.on();
    modes.on();
    modes.off();
    modes.on();
    modes.end();
    modes.end();
    modes.on();
    const [on, off] = ['\u001B[?1004h\u001B[?1006h', '\u001B[?1004l\u001B[?1006l'];
    expect(written).toEqual([on, off, on, off]);
  });

  it('is off when the process ends, and listens to nothing afterwards', () => {
    const before = process.listenerCount('exit');
    const { written, stdout } = terminal();
    const modes = createScreenModes(stdout, [1004]);
    modes.on();
    for (const listener of process.listeners('exit').slice(before)) listener(0);
    expect(written.at(-1)).toBe('\u001B[?1004l');
    modes.end();
    expect(process.listenerCount('exit')).toBe(before);
  });
});
