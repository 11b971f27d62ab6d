import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { watchTerminal } from '../../source/ui/failing-terminal.ts';
import { temporaryHome } from '../kit/temporary-home.ts';

const terminal = (fd: number): EventEmitter & WriteStream =>
  Object.assign(new EventEmitter(), { fd }) as unknown as EventEmitter & WriteStream;

describe('a terminal that fails', () => {
  it('is told of with what the system said, and its modes are switched off past the stream', async () => {
    const home = await temporaryHome();
    const file = join(home.path, 'terminal');
    const fd = openSync(file, 'w');
    const stdout = terminal(fd);
    const { failed, restore } = watchTerminal(stdout);
    restore();
    expect(readFileSync(file, 'utf8')).toBe('');
    stdout.emit('error', new Error('write EIO'));
    await expect(failed).rejects.toThrow('cannot write to the terminal: write EIO');
    restore();
    closeSync(fd);
    expect(readFileSync(file, 'utf8')).toBe(
      '\u001B[?2026l\u001B[?2004l\u001B[?1004l\u001B[?1000l\u001B[?1006l\u001B[?25h\u001B[?1049l',
    );
    await home.remove();
  });

  it('may have gone for good', () => {
    const stdout = terminal(1_000_000);
    const { restore } = watchTerminal(stdout);
    stdout.emit('error', new Error('write EIO'));
    expect(restore).not.toThrow();
  });
});
