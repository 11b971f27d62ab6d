import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const closing = new WeakSet<Socket>();

/** Closes the connection behind this answer, which says so. To be called before its head is written. */
export const closeAfter = (response: ServerResponse): void => {
  response.shouldKeepAlive = false;
  closing.add(response.req.socket);
};

/** Whether the connection closes behind an answer that it has got or will get. */
export const isClosing = (socket: Socket): boolean => closing.has(socket);

/**
 * Whether a request came behind one whose answer closes their connection: nobody would get its answer, so that it must
 * not run (RFC 9112 section 9.6). Its bytes can have come together with those before them.
 */
export const comesTooLate = ({ socket }: IncomingMessage, response: ServerResponse): boolean =>
  // An answer that has to wait for its turn has no socket yet.
  (response.socket === null && isClosing(socket)) || !socket.writable;
