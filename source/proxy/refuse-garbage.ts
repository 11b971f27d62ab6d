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
 */
export const refuseGarbage = (
  error: NodeJS.ErrnoException,
  socket: Socket,
  owed: (socket: Socket) => readonly ServerResponse[],
): void => {
  if (error.code === 'ECONNRESET') socket.destroy();
  // What was said last was the last word.
  if (!socket.writable || isClosing(socket) || told.has(socket)) return;
  told.add(socket);
  socket.on('error', ignore);
  const responses = owed(socket);
  let left = responses.length;
  if (left === 0) {
    endWith(socket, wordsOn(error));
    return;
  }
  for (const response of responses) {
    response.once('close', () => {
      left -= 1;
      if (left === 0) endWith(socket, '');
    });
  }
};

const wordsOn = ({ code = '' }: NodeJS.ErrnoException): string => {
  // The client itself said that it wants nothing more.
  if (code === 'HPE_CLOSED_CONNECTION') return '';
  const status = statuses[code] ?? '400 Bad Request';
  return `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
};

const statuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

const endWith = (socket: Socket, text: string): void => {
  if (socket.writable) socket.end(text);
  const limit = startTimeLimit(lingerMs, () => socket.destroy());
  socket.once('close', () => limit.stop());
};
