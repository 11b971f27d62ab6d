import type { Socket } from 'node:net';
import { parseMessage, type HttpMessage } from './http-bytes.ts';

/** How the other side ended: in order (FIN), by a reset, or not before we did. */
export type PeerEnd = 'end' | 'reset' | 'none';

export type RawConnection = {
  socket: Socket;
  /** Everything that arrived so far. */
  received(): Buffer;
  /** Settles as soon as what arrived matches. Rejects when the connection ends before, or after `timeoutMs`. */
  until(match: string | ((received: Buffer) => boolean), timeoutMs?: number): Promise<Buffer>;
  /**
   * The next complete HTTP message. When the connection ends before that, what came of it (`complete: false`); rejects
   * when not even its head came.
   */
  message(timeoutMs?: number): Promise<HttpMessage>;
  /** Sends exactly these bytes; settles when they are with the kernel. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** FIN; reading goes on. */
  end(): void;
  /** RST. */
  reset(): void;
  /** Stops reading, so that the other side feels back-pressure. */
  pause(): void;
  resume(): void;
  /** Settles when the connection is over. */
  closed: Promise<PeerEnd>;
};

type Waiter = { ready: () => boolean; settle: (ended: boolean) => void };

/** A TCP connection whose bytes a test sees and sends one by one. */
export const rawConnection = (socket: Socket): RawConnection => {
  // Doubles as it fills, so that megabytes in small pieces are not copied again for each piece.
  let storage = Buffer.alloc(16_384);
  let length = 0;
  let consumed = 0;
  let peerEnd: PeerEnd = 'none';
  let over = false;
  const waiters = new Set<Waiter>();
  const received = (): Buffer => storage.subarray(0, length);
  const check = (): void => {
    for (const waiter of waiters) {
      if (!over && !waiter.ready()) continue;
      waiters.delete(waiter);
      waiter.settle(!waiter.ready());
    }
  };
  socket.on('data', (data: Buffer) => {
    if (length + data.length > storage.length) {
      storage = Buffer.concat(
        [storage.subarray(0, length)],
        Math.max(storage.length * 2, length + data.length),
      );
    }
    length += data.copy(storage, length);
    check();
  });
  socket.on('end', () => {
    peerEnd = 'end';
    over = true;
    check();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') peerEnd = 'reset';
  });
  const closed = new Promise<PeerEnd>((resolve) => {
    socket.once('close', () => {
      over = true;
      check();
      resolve(peerEnd);
    });
  });

  /** True when the connection ended before it was ready. */
  const wait = async (ready: () => boolean, timeoutMs: number): Promise<boolean> => {
    if (ready()) return false;
    if (over) return true;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter = { ready, settle: resolve };
    waiters.add(waiter);
    const timer = setTimeout(() => {
      waiters.delete(waiter);
      const seen = JSON.stringify(received().subarray(-300).toString('latin1'));
      reject(new Error(`not received within ${timeoutMs} ms; the last of ${length} bytes: ${seen}`));
    }, timeoutMs);
    return promise.finally(() => clearTimeout(timer));
  };

  const next = (): HttpMessage | null => parseMessage(received().subarray(consumed));

  return {
    socket,
    received,
    async until(match, timeoutMs = 30_000) {
      const ready = (): boolean =>
        typeof match === 'string' ? received().includes(match) : match(received());
      if (await wait(ready, timeoutMs)) {
        throw new Error(`the connection ended (${peerEnd}) after ${length} bytes`);
      }
      return received();
    },
    async message(timeoutMs = 30_000) {
      await wait(() => next()?.complete === true, timeoutMs);
      const message = next();
      if (message === null) {
        throw new Error(`the connection ended (${peerEnd}) before a head; ${length} bytes came`);
      }
      consumed = length - message.rest.length;
      return message;
    },
    send: (bytes) =>
      new Promise((resolve) => {
        socket.write(bytes, () => resolve());
      }),
    end: () => socket.end(),
    reset: () => socket.resetAndDestroy(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    closed,
  };
};
