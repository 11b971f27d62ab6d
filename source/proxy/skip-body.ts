import type { IncomingMessage } from 'node:http';
import { startTimeLimit } from './time-limit.ts';

/**
 * Reads on over a body that nobody wants, so that the connection can carry the next request. One that has not ended
 * after `limitMs` milliseconds costs the connection.
 */
export const skipBody = (request: IncomingMessage, limitMs: number): void => {
  const { headers, socket } = request;
  request.resume();
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return;
  const limit = startTimeLimit(limitMs, () => request.destroy());
  const over = (): void => {
    limit.stop();
    request.off('close', over);
    socket.off('close', over);
  };
  request.once('close', over);
  // One that was answered already is not told that its client has left.
  socket.once('close', over);
};
