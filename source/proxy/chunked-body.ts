// The chunked coding (RFC 9112 section 7.1), read strictly and in place: a read of a stream holds many small chunks, and
// what lies between them is cut out without a new buffer.

type State =
  | 'size'
  | 'extension'
  | 'size end'
  | 'data'
  | 'data end'
  | 'data lf'
  | 'trailer'
  | 'trailer end'
  | 'over'
  | 'broken';

const cr = 0x0d;
const lf = 0x0a;
const semicolon = 0x3b;
/** Some pad a size with zeros. */
const mostDigits = 16;
/** A number that is still exact. */
const largestChunk = 2 ** 48;
/** Extensions and trailers of one body together, in bytes. They go nowhere. */
const longestExtra = 16_384;
const extensions = /^(?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]+|"[^"\\]*"))?)*$/;
const trailer = /^[!#$%&'*+\-.^_`|~\w]+:[\t\x20-\x7e\x80-\xff]*$/;

const digitOf = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

/** Takes the coding off a body that comes in pieces. */
export class ChunkedBody {
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #extra = 0;
  /** The extensions of this chunk, or the trailer of this line, so far. */
  #line = '';

  /** The last chunk has come, whole. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** What came is not clear: nothing behind it can be trusted. */
  get isBroken(): boolean {
    return this.#state === 'broken';
  }

  /** Bytes of the last `decode` that lie behind the end of the body. */
  rest = 0;

  /** Moves the body's own bytes to the front of these, and returns them; empty when there are none. Overwrites `bytes`. */
  decode(bytes: Buffer): Buffer {
    let kept = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#size);
        if (kept !== at) bytes.copyWithin(kept, at, end);
        kept += end - at;
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#state = 'data end';
        continue;
      }
      if (this.#state === 'over' || this.#state === 'broken') break;
      this.#state = this.#next(bytes[at] ?? 0);
      at += 1;
    }
    this.rest = bytes.length - at;
    return kept === bytes.length ? bytes : bytes.subarray(0, kept);
  }

  #next(byte: number): State {
    switch (this.#state) {
      case 'size':
        return this.#readSize(byte);
      case 'extension':
        return byte === cr ? this.#endExtensions() : this.#collect(byte, 'extension');
      case 'size end':
        return byte === lf ? this.#begin() : 'broken';
      case 'data end':
        return byte === cr ? 'data lf' : 'broken';
      case 'data lf':
        return byte === lf ? 'size' : 'broken';
      case 'trailer':
        return byte === cr ? 'trailer end' : this.#collect(byte, 'trailer');
      case 'trailer end':
        return byte === lf ? this.#endTrailer() : 'broken';
      default:
        return this.#state;
    }
  }

  #readSize(byte: number): State {
    const digit = digitOf(byte);
    if (digit >= 0) {
      this.#digits += 1;
      this.#size = this.#size * 16 + digit;
      return this.#digits > mostDigits || this.#size > largestChunk ? 'broken' : 'size';
    }
    if (this.#digits === 0) return 'broken';
    if (byte === cr) return 'size end';
    return byte === semicolon ? this.#collect(byte, 'extension') : 'broken';
  }

  #begin(): State {
    this.#digits = 0;
    return this.#size === 0 ? 'trailer' : 'data';
  }

  #endExtensions(): State {
    const line = this.#line;
    this.#line = '';
    return extensions.test(line) ? 'size end' : 'broken';
  }

  #endTrailer(): State {
    const line = this.#line;
    this.#line = '';
    if (line === '') return 'over';
    return trailer.test(line) ? 'trailer' : 'broken';
  }

  #collect(byte: number, state: State): State {
    this.#line += String.fromCharCode(byte);
    this.#extra += 1;
    return this.#extra > longestExtra ? 'broken' : state;
  }
}
