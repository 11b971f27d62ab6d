import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isClosing } from './close-after.ts';
import { startTimeLimit } from './time-limit.ts';

/** How long what a client still sends is read and thrown away: closing over it would reset the answer as well. */
const lingerMs = 1000;

const told = new WeakSet<Socket>();
const ignore = (): void => {};

/**
 * Ends a connection on which something came that is no request: with a status, or behind the answers that it is still
 * `owed`, for words of ours would be taken for one of those, or stand in its middle. What comes then is not looked at.
 * Returns the status that it was refused with; null when it was not.
 */
export const refuseGarbage = (
  error: NodeJS.ErrnoException,
  socket: Socket,
  owed: (socket: Socket) => readonly ServerResponse[],
): number | null => {
  if (error.code === 'ECONNRESET') socket.destroy();
  // What was said last was the last word.
  if (!socket.writable || isClosing(socket) || told.has(socket)) return null;
  told.add(socket);
  socket.on('error', ignore);
  const responses = owed(socket);
  const { code = '' } = error;
  let left = responses.length;
  if (left === 0) {
    const reason = reasons[code] ?? '400 Bad Request';
    endWith(
      socket,
      code === saidClose ? '' : `HTTP/1.1 ${reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
    return unasked.has(code) ? null : Number.parseInt(reason, 10);
  }
  if (code === cutShort) {
    // Whoever waits for an answer does not leave.
    endWith(socket, '');
    return null;
  }
  for (const response of responses) {
    response.once('close', () => {
      left -= 1;
      if (left === 0) endWith(socket, '');
    });
  }
  return null;
};

/** Bytes behind a request after which the client wants nothing more, as it said itself. */
const saidClose = 'HPE_CLOSED_CONNECTION';
/** The client ended its side within a request: it left, and broke no rule. */
const cutShort = 'HPE_INVALID_EOF_STATE';
const unasked: ReadonlySet<string> = new Set([saidClose, cutShort]);

const reasons: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

const endWith = (socket: Socket, text: string): void => {
  if (socket.destroyed) return;
  if (socket.writable) socket.end(text);
  const limit = startTimeLimit(lingerMs, () => socket.destroy());
  socket.once('close', () => limit.stop());
};
