import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { encodeLine, helloLimit, parseHelloWish } from './protocol.ts';

const notOurs = (): CcrError =>
  new CcrError('usage', 'control --stdio was given something else than a hello', {
    hint: 'it is the far end of ccr-tui attach user@host',
  });

type Head = { line: Buffer; rest: Buffer };

/** The first line, and what came behind it in the same bytes. Null when the input ends before. Throws when too long. */
const readHead = async (input: Readable): Promise<Head | null> => {
  let bytes = Buffer.alloc(0);
  const { promise, resolve, reject } = Promise.withResolvers<Head | null>();
  const take = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf(0x0a);
    if (end === -1 && bytes.length <= helloLimit) return;
    input.pause();
    if (end === -1 || end > helloLimit) reject(notOurs());
    else resolve({ line: bytes.subarray(0, end), rest: bytes.subarray(end + 1) });
  };
  const end = (): void => resolve(null);
  input.on('data', take).once('end', end).once('error', end).once('close', end);
  try {
    return await promise;
  } finally {
    input.off('data', take).off('end', end).off('error', end).off('close', end);
  }
};

export type RelayOptions = {
  input: Readable;
  output: Writable;
  /** Leads to the instance. It is ended with the relay. */
  socket: Socket;
  /** Of the instance: the client at the other end of the pipes has none. */
  token: Secret;
  /** The client may only read, whatever it says. */
  readOnly: boolean;
};

/**
 * Joins a client at the far end of two pipes with the instance: puts the token into its hello and passes everything
 * else on unread, both ways, no faster than it is taken. Resolves when either side has ended. A CcrError('usage') when
 * the input begins with something else.
 */
export const relay = async (options: RelayOptions): Promise<void> => {
  const { input, output, socket, token, readOnly } = options;
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  output.on('error', () => socket.destroy());
  output.once('close', () => socket.destroy());
  try {
    const head = await Promise.race([readHead(input), closed.then(() => null)]);
    if (head === null) return;
    const wish = parseHelloWish(head.line);
    if (wish === null) throw notOurs();
    const hello = { token: token.reveal(), protocol: wish.protocol, readOnly: readOnly || wish.readOnly };
    socket.write(encodeLine({ hello }));
    if (head.rest.length > 0) socket.write(head.rest);
    // A shell may have left an unfinished line in front of ours.
    output.write('\n');
    input.pipe(socket);
    input.once('error', () => socket.destroy());
    socket.pipe(output, { end: false });
    await closed;
  } finally {
    socket.destroy();
  }
};
