import { ChunkedBody } from './chunked-body.ts';
import type { ResponseHead } from './response-head.ts';

/** Who takes a body. Exactly one of `end` and `cut` is told, last, unless the answer is destroyed before. */
export type BodyReader = {
  /** The next bytes of the body, never none. The reader may keep them. */
  data(bytes: Buffer): void;
  /** The body came whole. */
  end(): void;
  /** The connection ended, or what came cannot be understood, before the body was whole. */
  cut(): void;
};

/** What an answer needs of the connection that it comes from. */
export type Carrier = {
  pause(): void;
  resume(): void;
  /** The answer is whole; `clean` = nothing came behind its end. */
  done(clean: boolean): void;
  destroy(): void;
};

/** What may come before somebody reads, in bytes; behind that the connection has to wait. */
const mostWaiting = 65_536;

/** An answer of a provider: its head, and its body as soon as somebody reads it. It has to be read or destroyed. */
export class UpstreamResponse {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Length of the body in bytes, when it was announced. */
  readonly length: number | null;
  isPaused = false;
  readonly #head: ResponseHead;
  readonly #carrier: Carrier;
  readonly #chunked: ChunkedBody | null;
  #left: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #reader: BodyReader | null = null;
  #lost: 'ended' | 'broken' | null = null;
  #isOver = false;

  constructor(head: ResponseHead, carrier: Carrier) {
    const { framing } = head;
    this.status = head.status;
    this.rawHeaders = head.rawHeaders;
    this.headers = head.headers;
    this.length = framing.kind === 'length' ? framing.length : null;
    this.#head = head;
    this.#carrier = carrier;
    this.#chunked = framing.kind === 'chunked' ? new ChunkedBody() : null;
    this.#left = framing.kind === 'length' ? framing.length : 0;
  }

  /** Begins with what has come already. Once. */
  read(reader: BodyReader): void {
    this.#reader = reader;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.isPaused) this.resume();
    if (waiting.length === 0 && this.#isEmpty()) this.#finish(true);
    for (const bytes of waiting) this.#take(bytes);
    if (this.#lost !== null) this.#end(this.#lost);
  }

  /** The first bytes of the body, as far as they came together with the head: so many at most, as latin1. */
  opening(bytes: number): string {
    const text = this.#waiting[0]?.toString('latin1', 0, bytes) ?? '';
    return this.#chunked === null ? text : text.replace(/^[0-9a-f]+[^\r\n]*\r\n/i, '');
  }

  /** Nothing more is handed out until `resume`. */
  pause(): void {
    if (this.isPaused || this.#isOver) return;
    this.isPaused = true;
    this.#carrier.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (!this.#isOver) this.#carrier.resume();
  }

  /** Nobody wants the rest: closes the connection and tells nothing more. */
  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#carrier.destroy();
  }

  /** Only for the connection: the next bytes. */
  push(bytes: Buffer): void {
    if (this.#isOver || bytes.length === 0) return;
    if (this.#reader !== null) return this.#take(bytes);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > mostWaiting) this.pause();
  }

  /** Only for the connection: no more bytes will come. `ended` = the other side closed in order. */
  close(how: 'ended' | 'broken'): void {
    if (this.#isOver || this.#lost !== null) return;
    this.#lost = how;
    if (this.#reader !== null) this.#end(how);
  }

  #isEmpty(): boolean {
    const { kind } = this.#head.framing;
    return kind === 'none' || (kind === 'length' && this.#left === 0);
  }

  #take(bytes: Buffer): void {
    // The reader may have destroyed the answer.
    if (this.#isOver) return;
    const { kind } = this.#head.framing;
    if (kind === 'chunked') this.#takeChunks(bytes);
    else if (kind === 'close') this.#reader?.data(bytes);
    else this.#takeCounted(bytes);
  }

  #takeCounted(bytes: Buffer): void {
    const extra = bytes.length - this.#left;
    const own = extra > 0 ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= own.length;
    if (own.length > 0) this.#reader?.data(own);
    if (this.#left === 0) this.#finish(extra <= 0);
  }

  #takeChunks(bytes: Buffer): void {
    const body = this.#chunked;
    if (body === null) return;
    const own = body.decode(bytes);
    if (own.length > 0) this.#reader?.data(own);
    if (body.isOver) this.#finish(body.rest === 0);
    else if (body.isBroken) this.#end('broken');
  }

  #finish(clean: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#carrier.done(clean);
    this.#reader?.end();
  }

  #end(how: 'ended' | 'broken'): void {
    if (this.#isOver) return;
    if (how === 'ended' && this.#head.framing.kind === 'close') return this.#finish(false);
    this.#isOver = true;
    this.#carrier.destroy();
    this.#reader?.cut();
  }
}
