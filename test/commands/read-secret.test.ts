import { PassThrough, Readable, Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { readSecret, type SecretQuestion } from '../../source/commands/read-secret.ts';
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

describe('a document from a pipe', () => {
  const readDocument = async (stdin: Readable): Promise<string | undefined> => {
    const asked = { question: 'login: ', isDocument: true };
    return (await readSecret(stdin as unknown as ReadStream, silent, asked))?.toString('utf8');
  };

  it('may have several lines, and is put together from pieces', async () => {
    const pieces = ['{\n  "a": {', '"b": 1}\n', '}\n'].map((piece) => Buffer.from(piece));
    expect(await readDocument(Readable.from(pieces))).toBe('{\n  "a": {"b": 1}\n}\n');
    expect(pieces.every((piece) => piece.every((byte) => byte === 0))).toBe(true);
  });

  it('does not wait for the end of a pipe that stays open once it is whole', async () => {
    const pipe = new PassThrough();
    pipe.write('{"a":');
    pipe.write('1}\n');
    expect(await readDocument(pipe)).toBe('{"a":1}\n');
  });

  it('comes as it is when it is none: whoever checks it says what is wanted', async () => {
    expect(await readDocument(Readable.from([Buffer.from('hello\nworld\n')]))).toBe('hello\nworld\n');
  });

  it.each([
    [' \n\n', 'no key came on stdin'],
    [`{"a":"${'x'.repeat(70_000)}"}`, 'the key on stdin is over 64 KiB'],
  ])('%.12j is refused', async (text, what) => {
    await expect(readDocument(Readable.from([Buffer.from(text)]))).rejects.toThrow(what);
  });
});

describe('a question at a terminal', () => {
  const terminal = () => {
    const modes: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (on: boolean) => modes.push(on),
    });
    const stderr = new PassThrough();
    const ask = (question: SecretQuestion) =>
      readSecret(stdin as unknown as ReadStream, stderr as unknown as WriteStream, question);
    return { stdin, stderr, modes, ask };
  };
  const document = '{\r  "accessToken": "a",\r  "b": 1\r}';

  it.each([
    ['with the line ends of a paste', `\u001B[200~${document}\u001B[201~\r`],
    ['where the terminal marks no paste', `${document}\r`],
  ])('takes a document of several lines, %s', async (_, typed) => {
    const { stdin, stderr, modes, ask } = terminal();
    const answer = ask({ question: 'login: ', isDocument: true });
    for (const piece of typed.match(/[^]{1,7}/g) ?? []) stdin.write(piece);
    expect(JSON.parse(String(await answer))).toEqual({ accessToken: 'a', b: 1 });
    expect(String(stderr.read())).not.toContain('accessToken');
    expect(modes).toEqual([true, false]);
  });

  it('takes one line that begins no document as it is', async () => {
    const { stdin, ask } = terminal();
    const answer = ask({ question: 'login: ', isDocument: true });
    stdin.write('hello\r');
    expect(String(await answer)).toBe('hello');
  });

  it('can be taken back, and then the terminal is as it was', async () => {
    const { stdin, modes, ask } = terminal();
    const taken = new AbortController();
    const answer = ask({ question: 'code: ', signal: taken.signal });
    stdin.write('half');
    taken.abort();
    expect(await answer).toBeNull();
    expect(modes).toEqual([true, false]);
    expect(stdin.listenerCount('data')).toBe(0);
  });
});
