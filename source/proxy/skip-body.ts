import type { IncomingMessage } from 'node:http';
import { startTimeLimit } from './time-limit.ts';

/**
 * Reads on over a body that nobody wants, so that the connection can carry the next request. One that has not ended
 * after `limitMs` milliseconds costs the connection.
 */
export const skipBody = (request: IncomingMessage, limitMs: number): void => {
  const { headers } = request;
  request.resume();
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return;
  const limit = startTimeLimit(limitMs, () => request.destroy());
  request.once('close', () => limit.stop());
};
