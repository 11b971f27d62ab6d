import type { Socket } from 'node:net';

export type BoundedWriter = {
  /** Queues the text. `asked`: the client asked for this much at once, so it does not count until it is through. */
  send(text: string, asked?: boolean): void;
};

/** Writes to a socket whose other end may not read: beyond `limit` waiting bytes the connection is cut. */
export const createBoundedWriter = (socket: Socket, limit: number): BoundedWriter => {
  let allowance = 0;
  socket.on('drain', () => {
    allowance = 0;
  });
  return {
    send(text, asked = false) {
      if (socket.destroyed || socket.writableEnded) return;
      if (asked) allowance += Buffer.byteLength(text);
      // A client that asks again and again without reading must not lift its own limit for ever.
      if (allowance > 16 * limit) allowance = 16 * limit;
      socket.write(text);
      if (socket.writableLength > limit + allowance) socket.destroy();
    },
  };
};
