import { PassThrough, Readable, Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../source/commands/read-secret.ts';
import { CcrError } from '../../source/shared/errors.ts';

const silent = new Writable({
  write() {
    throw new Error('a pipe must not be prompted');
  },
}) as unknown as WriteStream;

const read = async (stdin: Readable): Promise<string | undefined> =>
  (await readSecret(stdin as unknown as ReadStream, silent, 'key: '))?.toString('utf8');

const refusal = async (text: string): Promise<CcrError> => {
  const error: unknown = await read(Readable.from([Buffer.from(text)])).catch((thrown: unknown) => thrown);
  if (error instanceof CcrError) return error;
  throw new Error(`accepted: ${text.slice(0, 20)}`);
};

describe('a secret from a pipe', () => {
  it.each([
    ['key\n', 'key'],
    ['key', 'key'],
    ['key\r\n', 'key'],
    ['key\n\n', 'key'],
    ['  key with blanks \n', '  key with blanks '],
    ['schlüssel\n', 'schlüssel'],
  ])('%j is %j', async (text, value) => {
    expect(await read(Readable.from([Buffer.from(text)]))).toBe(value);
  });

  it('is put together from pieces', async () => {
    expect(await read(Readable.from([Buffer.from('sk-'), Buffer.from('ant'), Buffer.from('\n')]))).toBe(
      'sk-ant',
    );
  });

  it('does not wait for the end of a pipe that stays open', async () => {
    const pipe = new PassThrough();
    pipe.write('key\n');
    expect(await read(pipe)).toBe('key');
  });

  it('leaves nothing behind in the pieces it was read from', async () => {
    const piece = Buffer.from('sk-ant\n');
    expect(await read(Readable.from([piece]))).toBe('sk-ant');
    expect(piece.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ['', 'no key came on stdin'],
    ['\n', 'no key came on stdin'],
    ['\r\n', 'no key came on stdin'],
    ['one\ntwo\n', 'more than one line came on stdin'],
    ['x'.repeat(70_000), 'the key on stdin is over 64 KiB'],
  ])('%.12j is refused', async (text, what) => {
    const error = await refusal(text);
    expect(error.code).toBe('bad_secret');
    expect(error.message).toBe(what);
    expect(error.lines.join()).not.toContain('two');
  });
});
