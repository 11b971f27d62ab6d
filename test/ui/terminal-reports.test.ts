import { describe, expect, it } from 'vitest';
import { createReportReader, watchReports, type TerminalReport } from '../../source/ui/terminal-reports.ts';

const focus = (focused: boolean): TerminalReport => ({ kind: 'focus', focused });
const press = (row: number): TerminalReport => ({ kind: 'mouse', deed: { kind: 'press', row } });

describe('createReportReader', () => {
  it('finds reports among keys, whole or in pieces', () => {
    const read = createReportReader();
    expect(read('jj\u001B[Ik\u001B[O\u001B[A\u001B[<0;5;7M\u001B[<0;5;7m')).toEqual([
      focus(true),
      focus(false),
      press(6),
    ]);
    const pieces = ['\u001B', '[', '<0;1', '2;3', 'M\u001B[', 'I', '\u001BO', 'I[I'];
    expect(pieces.map((piece) => read(piece))).toEqual([[], [], [], [], [press(2)], [focus(true)], [], []]);
  });

  it('takes nothing for a report that was pasted', () => {
    const read = createReportReader();
    expect(read('\u001B[200~\u001B[<0;5;7M')).toEqual([]);
    expect(read('\u001B[I')).toEqual([]);
    expect(read('\u001B[201~\u001B[I')).toEqual([focus(true)]);
  });
});

describe('watchReports', () => {
  it('hears what is read, and leaves all of it to the reader', async () => {
    const chunks = ['j\u001B[I', null, '\u001B[O', null];
    const stdin = { read: () => chunks.shift() };
    const plain = stdin.read;
    const heard: TerminalReport[] = [];
    const stop = watchReports(stdin, (report) => heard.push(report));
    expect([stdin.read(), stdin.read()]).toEqual(['j\u001B[I', null]);
    await new Promise(setImmediate);
    expect(heard).toEqual([focus(true)]);
    stop();
    expect(stdin.read).toBe(plain);
    expect(stdin.read()).toBe('\u001B[O');
    await new Promise(setImmediate);
    expect(heard).toHaveLength(1);
  });
});
