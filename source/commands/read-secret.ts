import { StringDecoder } from 'node:string_decoder';
import { CcrError } from '../shared/errors.ts';
import { createHiddenLine } from './hidden-line.ts';

/** No credential of any provider comes near this. */
const longestSecret = 64 * 1024;

const pasteModeOn = '\x1b[?2004h';
const pasteModeOff = '\x1b[?2004l';

const emptySecret = (): CcrError =>
  new CcrError('bad_secret', 'no key came on stdin', {
    hint: 'give it as one line, or type it at the prompt',
  });

const notOneLine = (what: string): CcrError =>
  new CcrError('bad_secret', what, { hint: 'give the key alone, as one line' });

const firstLine = async (stdin: NodeJS.ReadStream): Promise<Buffer> => {
  let seen = Buffer.alloc(0);
  for await (const chunk of stdin) {
    const piece: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    const joined = Buffer.concat([seen, piece]);
    seen.fill(0);
    piece.fill(0);
    seen = joined;
    // A pipe that stays open after the line must not hold the command up.
    if (seen.includes(0x0a) || seen.length > longestSecret) break;
  }
  return seen;
};

const readPiped = async (stdin: NodeJS.ReadStream): Promise<Buffer> => {
  const seen = await firstLine(stdin);
  const end = seen.indexOf(0x0a);
  const line = seen.subarray(0, end < 0 ? seen.length : end);
  const more = end >= 0 && seen.subarray(end).some((byte) => byte !== 0x0a && byte !== 0x0d && byte !== 0x20);
  const tooLong = line.length > longestSecret;
  if (more || tooLong) {
    seen.fill(0);
    throw notOneLine(tooLong ? 'the key on stdin is over 64 KiB' : 'more than one line came on stdin');
  }
  const length = line.at(-1) === 0x0d ? line.length - 1 : line.length;
  if (length === 0) throw emptySecret();
  return line.subarray(0, length);
};

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `restore` when the program ends in mid-question: by a signal, which then does what it does by default, or by
 * anything that makes the process exit. The returned function ends that.
 */
const restoreAtEnd = (restore: () => void): (() => void) => {
  const onSignal = (signal: NodeJS.Signals): void => {
    restore();
    ignore();
    process.kill(process.pid, signal);
  };
  const ignore = (): void => {
    process.off('exit', restore);
    for (const signal of endings) process.off(signal, onSignal);
  };
  process.on('exit', restore);
  for (const signal of endings) process.on(signal, onSignal);
  return ignore;
};

const readTyped = (
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  question: string,
): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    const line = createHiddenLine();
    const decoder = new StringDecoder('utf8');
    const restore = (): void => {
      stdin.setRawMode(false);
      stderr.write(`${pasteModeOff}\n`);
    };
    const finish = (settle: () => void): void => {
      ignoreEnd();
      stdin.off('data', onData).off('end', onEnd).off('error', onError);
      stdin.pause();
      restore();
      settle();
    };
    const submit = (): void => {
      const value = line.value();
      if (value === '') reject(emptySecret());
      else if (/[\r\n]/.test(value)) reject(notOneLine('more than one line was pasted'));
      else resolve(Buffer.from(value, 'utf8'));
    };
    const onData = (chunk: Buffer): void => {
      const said = line.feed(decoder.write(chunk));
      if (said === 'done') finish(submit);
      if (said === 'cancelled') finish(() => resolve(null));
    };
    const onEnd = (): void => finish(() => resolve(null));
    const onError = (error: Error): void => finish(() => reject(error));
    const ignoreEnd = restoreAtEnd(restore);
    stdin.setRawMode(true);
    stderr.write(`${pasteModeOn}${question}`);
    stdin.on('data', onData).on('end', onEnd).on('error', onError);
    stdin.resume();
  });

/**
 * A secret from outside, as bytes that the caller wipes: one line of a pipe or file, or what a person types at a
 * prompt without echo when stdin is a terminal. Null when the person gave up (ctrl+c). Throws `bad_secret` when there
 * is none, or more than one line.
 */
export const readSecret = (
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  question: string,
): Promise<Buffer | null> => (stdin.isTTY ? readTyped(stdin, stderr, question) : readPiped(stdin));
