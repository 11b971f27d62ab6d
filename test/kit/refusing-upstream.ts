import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

// A provider in a thread of its own that answers requests before they have come whole, and hangs up. In the same thread
// as the sender it would never be in the middle of a write.

export type Refusal = {
  /** The whole answer. */
  bytes: string;
  /** Bytes of a request that are read before it is answered; -1 = not even that it came. */
  after: number;
  how: 'close' | 'reset';
};

const { bytes, after, how } = workerData as Refusal;

const refuse = (socket: Socket): void => {
  socket.pause();
  socket.write(bytes, () => (how === 'reset' ? socket.resetAndDestroy() : socket.destroy()));
};

const server = createServer({ noDelay: true, pauseOnConnect: after < 0 }, (socket) => {
  socket.on('error', () => undefined);
  if (after < 0) return refuse(socket);
  let taken = 0;
  socket.on('data', (data: Buffer) => {
    const isEnough = taken <= after && taken + data.length > after;
    taken += data.length;
    if (isEnough) refuse(socket);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === 'object' ? address?.port : null);
});
