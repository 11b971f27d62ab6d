import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import { afterEach, describe, expect, it } from 'vitest';
import { followSize, sizeOf } from '../../source/ui/follow-size.ts';

const terminal = (columns: number, rows: number) => {
  const done: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {
    columns,
    rows,
    write: (text: string) => done.push(JSON.stringify(text)),
  }) as unknown as EventEmitter & WriteStream;
  return { stdout, done };
};

describe('the size of a terminal', () => {
  it.each([
    [100, 30, { columns: 100, rows: 30 }],
    [0, 0, { columns: 80, rows: 24 }],
  ])('of %i x %i is %j', (columns, rows, size) => {
    expect(sizeOf(terminal(columns, rows).stdout)).toEqual(size);
  });
});

describe('a change of the size', () => {
  let stop = (): void => {};
  afterEach(() => stop());
  const follow = (isAway: boolean) => {
    const { stdout, done } = terminal(100, 30);
    stdout.on('resize', () => done.push('others'));
    stop = followSize({
      stdout,
      clear: () => done.push('clear'),
      draw: () => done.push('draw'),
      isAway: () => isAway,
    });
    return { stdout, done };
  };

  it('is drawn before anybody else hears of it', () => {
    const { stdout, done } = follow(false);
    stdout.emit('resize');
    expect(done).toEqual(['draw', 'others']);
  });

  it('ends in a complete frame on an empty screen, whatever was on its way', () => {
    const { done } = follow(false);
    process.emit('SIGWINCH', 'SIGWINCH');
    expect(done).toEqual(['clear', String.raw`"\u001b[H\u001b[J"`, 'draw', 'others']);
  });

  it('writes nothing while the terminal is somebody else’s, nor afterwards', () => {
    const { stdout, done } = follow(true);
    process.emit('SIGWINCH', 'SIGWINCH');
    expect(done).toEqual([]);
    stop();
    stdout.emit('resize');
    expect(done).toEqual(['others']);
    expect(process.listenerCount('SIGWINCH')).toBe(0);
  });
});
