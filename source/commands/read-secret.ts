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

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** What comes until it is enough, or until the end; a little more than the longest secret at most. */
const readUntil = async (stdin: NodeJS.ReadStream, isEnough: (seen: Buffer) => boolean): Promise<Buffer> => {
  let seen = Buffer.alloc(0);
  for await (const chunk of stdin) {
    const piece: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    const joined = Buffer.concat([seen, piece]);
    seen.fill(0);
    piece.fill(0);
    seen = joined;
    // A pipe that stays open after the secret must not hold the command up.
    if (isEnough(seen) || seen.length > longestSecret) break;
  }
  return seen;
};

const tooLong = (): CcrError => notOneLine('the key on stdin is over 64 KiB');

const readPipedDocument = async (stdin: NodeJS.ReadStream): Promise<Buffer> => {
  const seen = await readUntil(stdin, (bytes) => bytes.includes(0x7d) && isJson(bytes.toString('utf8')));
  if (seen.length > longestSecret) {
    seen.fill(0);
    throw tooLong();
  }
  if (seen.every((byte) => byte <= 0x20)) throw emptySecret();
  return seen;
};

const readPiped = async (stdin: NodeJS.ReadStream): Promise<Buffer> => {
  const seen = await readUntil(stdin, (bytes) => bytes.includes(0x0a));
  const end = seen.indexOf(0x0a);
  const line = seen.subarray(0, end < 0 ? seen.length : end);
  const more = end >= 0 && seen.subarray(end).some((byte) => byte !== 0x0a && byte !== 0x0d && byte !== 0x20);
  if (more || line.length > longestSecret) {
    const isTooLong = line.length > longestSecret;
    seen.fill(0);
    throw isTooLong ? tooLong() : notOneLine('more than one line came on stdin');
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

/** JSON that has begun and is not whole: Enter, or the line end in a paste, is a part of it. */
const isUnfinished = (text: string): boolean => text.trimStart().startsWith('{') && !isJson(text);

const readTyped = (
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  { question, isDocument = false, signal }: SecretQuestion,
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
      stdin.off('data', onData).off('end', onGone).off('error', onError);
      signal?.removeEventListener('abort', onGone);
      stdin.pause();
      restore();
      settle();
    };
    const submit = (): void => {
      const value = line.value();
      if (value === '') reject(emptySecret());
      else if (!isDocument && /[\r\n]/.test(value)) reject(notOneLine('more than one line was pasted'));
      else resolve(Buffer.from(value, 'utf8'));
    };
    const onData = (chunk: Buffer): void => {
      for (const piece of decoder.write(chunk).split(/(?<=[\r\n])/)) {
        const said = line.feed(piece);
        if (said === 'cancelled') return finish(() => resolve(null));
        if (said === 'done' && !(isDocument && isUnfinished(line.value()))) return finish(submit);
      }
    };
    const onGone = (): void => finish(() => resolve(null));
    const onError = (error: Error): void => finish(() => reject(error));
    const ignoreEnd = restoreAtEnd(restore);
    stdin.setRawMode(true);
    stderr.write(`${pasteModeOn}${question}`);
    stdin.on('data', onData).on('end', onGone).on('error', onError);
    signal?.addEventListener('abort', onGone);
    stdin.resume();
  });

export type SecretQuestion = {
  /** What the prompt says. */
  question: string;
  /** It is JSON and may have several lines; else it is one line. */
  isDocument?: boolean;
  /** Takes the question at a terminal back, as if the person had given up. */
  signal?: AbortSignal;
};

/**
 * A secret from outside, as bytes that the caller wipes: what comes through a pipe or file, or what a person types at a
 * prompt without echo when stdin is a terminal. Null when the person gave up (ctrl+c). Throws `bad_secret` when there
 * is none, or more than was asked for.
 */
export const readSecret = (
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  asked: string | SecretQuestion,
): Promise<Buffer | null> => {
  const question = typeof asked === 'string' ? { question: asked } : asked;
  if (stdin.isTTY) return readTyped(stdin, stderr, question);
  return question.isDocument === true ? readPipedDocument(stdin) : readPiped(stdin);
};
