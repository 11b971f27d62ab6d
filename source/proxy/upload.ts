import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { startTimeLimit } from './time-limit.ts';

export type UploadOptions = {
  /** Bytes that the body may have. */
  limit: number;
  /** Longest silence of the client between two pieces, in milliseconds. */
  idleMs: number;
  /** What has come already. */
  first?: readonly Buffer[];
  /** What has come already is kept no longer. */
  released?(): void;
  /** Sees every piece that passes. */
  seen?: ((bytes: Buffer) => void) | undefined;
};

/** Bodies of this size are not worth it: they come with their head. */
const smallBytes = 16_384;

/** Whether a body is small, and says so. */
export const isSmall = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= smallBytes;

/**
 * A body that is not kept: it goes to one provider as it comes, no faster than that takes it, and cannot be sent again.
 * A client that falls silent is closed.
 */
export class Upload {
  /** In bytes, as announced; null when it comes in chunks. */
  readonly length: number | null;
  readonly limit: number;
  /** It has gone to the provider, whole. */
  isOver = false;
  /** More came than `limit`; the connection it went to is closed, without an end of the body. */
  isTooLarge = false;
  /** Told of each piece that has gone. */
  onMoved: () => void = ignore;
  readonly #request: IncomingMessage;
  readonly #options: UploadOptions;
  #first: readonly Buffer[];
  #count = 0;

  constructor(request: IncomingMessage, options: UploadOptions) {
    const chunked = request.headers['transfer-encoding'] !== undefined;
    this.length = chunked ? null : Number(request.headers['content-length'] ?? 0);
    this.limit = options.limit;
    this.#request = request;
    this.#options = options;
    this.#first = options.first ?? nothing;
  }

  /** Sends the body to a connection, behind a head that went there. Once. The end of the connection ends it. */
  sendOn(socket: Socket): void {
    const request = this.#request;
    const fellSilent = (): void => {
      // A client that is held back for a slow provider is not silent.
      if (request.isPaused()) idle = startTimeLimit(this.#options.idleMs, fellSilent);
      else request.destroy();
    };
    let idle = startTimeLimit(this.#options.idleMs, fellSilent);
    let isStopped = false;
    const client = request.socket;
    // With an answer under way node would wait for a rest that cannot come.
    const left = (): void => {
      if (!request.complete) request.destroy();
    };
    const stop = (): void => {
      isStopped = true;
      idle.stop();
      if (!this.isOver) request.pause();
      client.off('end', left);
      socket.off('drain', goOn).off('close', stop);
      this.release();
    };
    const goOn = (): void => {
      this.release();
      this.onMoved();
      idle.refresh();
      request.resume();
    };
    const pass = (bytes: Buffer): void => {
      if (isStopped) return;
      idle.refresh();
      this.#count += bytes.length;
      this.#options.seen?.(bytes);
      this.isTooLarge = this.#count > this.limit;
      if (this.isTooLarge) {
        stop();
        socket.destroy();
      } else if (this.#write(socket, bytes)) this.onMoved();
      else request.pause();
    };
    // Before there is a listener, which would let it flow.
    request.pause();
    client.once('end', left);
    socket.on('drain', goOn).once('close', stop);
    for (const bytes of this.#first) pass(bytes);
    if (!socket.writableNeedDrain) this.release();
    request.on('data', pass);
    request.on('end', () => {
      if (isStopped) return;
      this.isOver = true;
      if (this.length === null) socket.write('0\r\n\r\n', 'latin1');
      stop();
    });
    if (!socket.writableNeedDrain) request.resume();
  }

  /** What had come before it began is not needed any longer. */
  release(): void {
    if (this.#first === nothing) return;
    this.#first = nothing;
    this.#options.released?.();
  }

  #write(socket: Socket, bytes: Buffer): boolean {
    if (this.length !== null) return socket.write(bytes);
    socket.cork();
    socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    socket.write(bytes);
    const hasRoom = socket.write('\r\n', 'latin1');
    socket.uncork();
    return hasRoom;
  }
}

const ignore = (): void => {};
const nothing: readonly Buffer[] = [];
