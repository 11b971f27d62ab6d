import { PassThrough, Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { print, printJson, printLines } from '../../source/commands/print.ts';

const collect = async (write: (stream: WriteStream) => Promise<void>): Promise<string> => {
  const stream = new PassThrough();
  await write(stream as unknown as WriteStream);
  stream.end();
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
};

describe('print', () => {
  it('writes JSON on one line, and each line with its break', async () => {
    expect(await collect((stream) => printJson(stream, { a: 'x\ny' }))).toBe('{"a":"x\\ny"}\n');
    expect(await collect((stream) => printLines(stream, ['a', 'b']))).toBe('a\nb\n');
    expect(await collect((stream) => printLines(stream, []))).toBe('');
  });

  it('shows what a terminal would act on, and keeps it exact in JSON', async () => {
    expect(await collect((stream) => printLines(stream, ['a\x1b[2J', 'b\u202e']))).toBe(
      'a\\x1b[2J\nb\\u202e\n',
    );
    expect(await collect((stream) => printJson(stream, 'a\x9b2J'))).toBe('"a\\u009b2J"\n');
  });

  it('waits while the reader is slow', async () => {
    const release: (() => void)[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => void release.push(done),
    });
    let printed = false;
    const done = print(slow as unknown as WriteStream, 'text').then(() => {
      printed = true;
    });
    await new Promise(setImmediate);
    expect(printed).toBe(false);
    release[0]?.();
    await done;
    expect(printed).toBe(true);
  });
});
