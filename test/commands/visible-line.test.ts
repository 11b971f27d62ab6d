import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askLine, askYes } from '../../source/commands/visible-line.ts';

const ask = () => {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  const answer = askLine(
    stdin as unknown as NodeJS.ReadStream,
    stderr as unknown as NodeJS.WriteStream,
    'Go on? ',
  );
  return { stdin, stderr, answer };
};

describe('a line that a person types', () => {
  it.each([
    ['yes\n', 'yes'],
    ['yes\r\n', 'yes'],
    ['\n', ''],
    [' y e s \nmore\n', ' y e s '],
  ])('%j is %j', async (typed, line) => {
    const { stdin, answer } = ask();
    stdin.write(typed);
    expect(await answer).toBe(line);
  });

  it('is put together from pieces, behind its question', async () => {
    const { stdin, stderr, answer } = ask();
    stdin.write('ye');
    stdin.write('s\n');
    expect(await answer).toBe('yes');
    expect(String(stderr.read())).toBe('Go on? ');
  });

  it('is null when there is none any more, and what was typed when the end came in the middle', async () => {
    const [none, some] = [ask(), ask()];
    none.stdin.end();
    some.stdin.end('ye');
    expect([await none.answer, await some.answer]).toEqual([null, 'ye']);
  });

  it('ends when somebody sends without end, and leaves no listener behind', async () => {
    const { stdin, answer } = ask();
    stdin.write('x'.repeat(5000));
    expect((await answer)?.length).toBe(5000);
    expect(stdin.listenerCount('data')).toBe(0);
  });
});

it.each([
  [' YES \r\n', true],
  ['y\n', false],
  ['\n', false],
  ['', false],
])('%j is a yes: %j', async (typed, yes) => {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  stdin.end(typed);
  const streams = [stdin as unknown as NodeJS.ReadStream, stderr as unknown as NodeJS.WriteStream] as const;
  expect(await askYes(...streams, 'Go on? ')).toBe(yes);
});
