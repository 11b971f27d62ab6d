import type { Socket } from 'node:net';
import type { OutboundProxy } from '../config/outbound-proxy.ts';
import { systemCode } from '../shared/system-code.ts';
import { openSocket, openTls, outliveWrites, type TlsSession } from './provider-socket.ts';
import type { Body } from './read-body.ts';
import { isInterim, parseResponseHead } from './response-head.ts';
import type { Target } from './target.ts';
import { openTunnel } from './tunnel.ts';
import type { Upload } from './upload.ts';
import { UpstreamResponse, type Carrier } from './upstream-response.ts';

export type OutgoingRequest = {
  method: string;
  path: string;
  /** name, value, name, value, … */
  headers: readonly string[];
  body: Body;
  /** The body when it comes in pieces. */
  upload?: Upload | null;
};

/** Who waits for the answer to one request. At most one of `answered` and `lost` is told. */
export type AnswerListener = {
  /** The connection is ready, and the request goes out now. */
  sent(): void;
  answered(response: UpstreamResponse): void;
  /** The connection ended, or what came is no answer. */
  lost(): void;
};

/** Where a connection goes when its answer is whole. */
export type Home = {
  free(connection: UpstreamConnection): void;
  closed(connection: UpstreamConnection): void;
  session: TlsSession;
  /** Whom to ask for the way there; null for nobody. */
  proxy: OutboundProxy | 'unusable' | null;
  /** That proxy gave none, or not to the provider; why, in words that may be shown. */
  noWay(reason: string): void;
};

/** As much as node allows a client's head to have. */
const longestHead = 16_384;
const mostInterim = 32;
const headEnd = Buffer.from('\r\n\r\n');
const nothing = Buffer.alloc(0);
/** A body of this size is copied behind its head, so that both go in one write. */
const joinedBytes = 16_384;

/** Whether this can be sent as it is: no line of it can become two (RFC 9112 section 11.1). */
export const isSendable = ({ path, headers }: Pick<OutgoingRequest, 'path' | 'headers'>): boolean =>
  !/[^\x21-\xff]/.test(path) && headers.every((text) => !/[^\t\x20-\x7e\x80-\xff]/.test(text));

const headOf = ({ method, path, headers }: OutgoingRequest): string => {
  let text = `${method} ${path} HTTP/1.1\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i] ?? ''}: ${headers[i + 1] ?? ''}\r\n`;
  return `${text}\r\n`;
};

/** One connection to a provider. Carries one request after the other, HTTP/1.1, never two at a time. */
export class UpstreamConnection implements Carrier {
  readonly target: Target;
  /** Carried an answer before. */
  isReused = false;
  /** At least a byte came back for the request under way. */
  hasHeard = false;
  /** When the other side may close it without use, in milliseconds as of `performance.now()`. */
  usableUntil = Infinity;
  /** When its last answer was whole, in milliseconds of the wall clock. Only for the pool. */
  freeSince = 0;
  #socket: Socket;
  readonly #home: Home;
  #isReady = false;
  #wasRefused = false;
  #isClosed = false;
  #request: OutgoingRequest | null = null;
  #listener: AnswerListener | null = null;
  #response: UpstreamResponse | null = null;
  #partial: Buffer = nothing;
  #interim = 0;
  #keepAlive = false;
  #keepAliveMs: number | null = null;

  constructor(target: Target, home: Home) {
    this.target = target;
    this.#home = home;
    this.#socket =
      home.proxy === null ? this.#use(openSocket(target, home.session)) : this.#goThrough(home.proxy);
  }

  /** Hears of everything that happens on the way to the provider. */
  #use(socket: Socket): Socket {
    outliveWrites(socket, () => (this.#wasRefused = true));
    socket.once(this.target.secure ? 'secureConnect' : 'connect', () => this.#ready());
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('end', () => this.#over('ended'));
    socket.on('error', (error) => {
      // Somebody on that way may show a certificate of his own.
      if (!this.#isReady) this.#missed(`it leads to no provider that can be trusted (${systemCode(error)})`);
      this.#over('broken');
    });
    socket.on('close', () => this.#over('broken'));
    return socket;
  }

  #goThrough(proxy: OutboundProxy | 'unusable'): Socket {
    return openTunnel(this.target, proxy, {
      opened: (way) => {
        this.#socket = this.#use(openTls(this.target, this.#home.session, way));
      },
      failed: (reason) => {
        this.#missed(reason);
        this.#over('broken');
      },
    });
  }

  #missed(reason: string): void {
    if (this.#home.proxy !== null && !this.#isClosed) this.#home.noWay(reason);
  }

  /** Sends a request as soon as the connection stands. Only when no other one is under way. */
  ask(request: OutgoingRequest, listener: AnswerListener): void {
    this.#request = request;
    this.#listener = listener;
    this.hasHeard = false;
    this.#interim = 0;
    if (this.isReused) this.#socket.ref();
    if (this.#isReady) this.#send();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  done(clean: boolean): void {
    const isSent = this.#request?.upload?.isOver ?? true;
    this.#response = null;
    this.#listener = null;
    this.#request = null;
    // What the provider has not taken of the request would stand before the next one.
    const isTaken = isSent && this.#socket.writableLength === 0 && !this.#wasRefused;
    if (!clean || !this.#keepAlive || this.#isClosed || !isTaken) return this.destroy();
    this.isReused = true;
    this.usableUntil = this.#keepAliveMs === null ? Infinity : performance.now() + this.#keepAliveMs - 1000;
    this.#socket.unref();
    this.#home.free(this);
  }

  /** Closes it because it took too long. Nobody is told. */
  expire(): void {
    if (!this.#isReady) this.#missed('it opens no way in time');
    this.destroy();
  }

  /** Closes it. Nobody is told: whoever does this knows. */
  destroy(): void {
    this.#listener = null;
    this.#response = null;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#home.closed(this);
  }

  #ready(): void {
    this.#isReady = true;
    if (this.#request !== null) this.#send();
  }

  #send(): void {
    const request = this.#request;
    if (request === null) return;
    this.#listener?.sent();
    const { body, upload } = request;
    const head = headOf(request);
    if (upload) {
      this.#socket.write(head, 'latin1');
      return upload.sendOn(this.#socket);
    }
    if (body.length > joinedBytes) {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      for (const chunk of body.chunks) this.#socket.write(chunk);
      this.#socket.uncork();
      return;
    }
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    let at = bytes.write(head, 'latin1');
    for (const chunk of body.chunks) at += chunk.copy(bytes, at);
    this.#socket.write(bytes);
  }

  #read(bytes: Buffer): void {
    if (this.#response !== null) return this.#response.push(bytes);
    // Words that nobody asked for: the next answer could be taken for another.
    if (this.#listener === null) return this.destroy();
    this.hasHeard = true;
    const all = this.#partial.length === 0 ? bytes : Buffer.concat([this.#partial, bytes]);
    this.#partial = nothing;
    this.#readHead(all, this.#listener);
  }

  #readHead(bytes: Buffer, listener: AnswerListener): void {
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(headEnd, from);
      if ((end === -1 ? bytes.length : end) - from > longestHead) return this.#lose();
      if (end === -1) {
        this.#partial = from === 0 ? bytes : bytes.subarray(from);
        return;
      }
      const head = parseResponseHead(bytes.toString('latin1', from, end), this.#request?.method ?? 'GET');
      from = end + headEnd.length;
      if (head === null || head.status === 101) return this.#lose();
      if (isInterim(head.status)) {
        this.#interim += 1;
        if (this.#interim > mostInterim) return this.#lose();
        continue;
      }
      this.#keepAlive = head.keepAlive;
      this.#keepAliveMs = head.keepAliveMs;
      const response = new UpstreamResponse(head, this);
      this.#response = response;
      if (from < bytes.length) response.push(bytes.subarray(from));
      return listener.answered(response);
    }
  }

  #lose(): void {
    const listener = this.#listener;
    this.destroy();
    listener?.lost();
  }

  #over(how: 'ended' | 'broken'): void {
    if (this.#isClosed) return;
    const response = this.#response;
    const listener = this.#listener;
    this.destroy();
    if (response !== null) response.close(how);
    else listener?.lost();
  }
}
