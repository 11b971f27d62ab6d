import { nameLengths } from './name-lengths.ts';

// Reads a few top-level fields out of a JSON document that flows past, without keeping or parsing the rest.
// Message bodies are megabytes of text in strings; the scanner hops from quote to quote with native searches.

const quote = 0x22;
const backslash = 0x5c;
const nearBytes = 96;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const noHeads: ReadonlySet<string> = new Set();

export class FieldScanner {
  readonly #wanted: ReadonlySet<string>;
  /** Lengths of the wanted names: most keys are told apart without decoding them. */
  readonly #lengths: ReadonlySet<number>;
  readonly #limit: number;
  /** Of these, which are lists, only the first item is wanted. */
  readonly #heads: ReadonlySet<string>;
  readonly #found = new Map<string, string>();
  #depth = 0;
  #inString = false;
  #escaped = false;
  #expectKey = true;
  #key: string | null = null;
  /** Whether the bytes from `#start` on, behind those of earlier chunks, are a key or a wanted value. */
  #capturing = false;
  #start = 0;
  #earlier: Buffer[] = [];
  #earlierBytes = 0;

  /**
   * `limit`: bytes a wanted value may have; a larger one is passed over. `heads`: those of the wanted fields that are lists
   * of which one item is enough; they come as a list of one.
   */
  constructor(wanted: ReadonlySet<string>, limit = 16_384, heads: ReadonlySet<string> = noHeads) {
    this.#wanted = wanted;
    this.#heads = heads;
    this.#lengths = nameLengths(wanted);
    this.#limit = limit;
  }

  /** True once every wanted field was seen: the rest need not be pushed. */
  get complete(): boolean {
    return this.#found.size === this.#wanted.size;
  }

  /** Takes the next bytes; any split of the document gives the same fields. Never throws. */
  push(chunk: Buffer): void {
    this.#start = 0;
    let at = 0;
    while (at < chunk.length && !this.complete) {
      if (this.#inString) at = this.#skipString(chunk, at);
      else {
        const byte = chunk[at] ?? 0;
        if (byte === quote) this.#openString(at);
        else this.#structural(chunk, at, byte);
        at += 1;
      }
    }
    if (this.#capturing) this.#keep(chunk);
  }

  /** Parsed values of the wanted fields seen so far; a field that is absent, malformed or too large is missing. */
  fields(): Map<string, unknown> {
    const values = new Map<string, unknown>();
    for (const [name, text] of this.#found) {
      const value = parse(text);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }

  /** The wanted fields seen so far as they stand in the document. */
  texts(): ReadonlyMap<string, string> {
    return this.#found;
  }

  #openString(at: number): void {
    this.#inString = true;
    if (this.#depth === 1 && this.#expectKey) this.#capture(at);
  }

  /** Index behind the string that is open at `from`, or the chunk's length when it does not end here. */
  #skipString(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    for (;;) {
      // Text full of escaped quotes is walked through; a native search pays only over a longer distance.
      const near = Math.min(at + nearBytes, chunk.length);
      for (; at < near; at += 1) {
        const byte = chunk[at];
        if (byte === backslash) at += 1;
        else if (byte === quote) return this.#closeString(at);
      }
      if (at >= chunk.length) {
        this.#escaped = at > chunk.length;
        return chunk.length;
      }
      const far = chunk.indexOf(quote, at);
      const stop = far === -1 ? chunk.length : far;
      let slashes = 0;
      while (stop - 1 - slashes >= at && chunk[stop - 1 - slashes] === backslash) slashes += 1;
      const odd = slashes % 2 === 1;
      if (far === -1) {
        this.#escaped = odd;
        return chunk.length;
      }
      if (!odd) return this.#closeString(far);
      at = far + 1;
    }
  }

  #closeString(end: number): number {
    this.#inString = false;
    return end + 1;
  }

  /** Follows one byte outside strings. */
  #structural(chunk: Buffer, at: number, byte: number): void {
    if (byte === openBrace || byte === openBracket) this.#depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      this.#depth -= 1;
      if (this.#depth === 0) this.#endValue(chunk, at);
    } else if (this.#depth === 1 && byte === comma) {
      this.#endValue(chunk, at);
      this.#expectKey = true;
    } else if (this.#depth === 1 && byte === colon && this.#expectKey) {
      this.#expectKey = false;
      this.#key = this.#readKey(chunk, at);
      if (this.#key !== null) this.#capture(at + 1);
    } else if (this.#depth === 2 && byte === comma && this.#key !== null && this.#heads.has(this.#key)) {
      this.#endHead(chunk, at);
    }
  }

  /** The key that ends before `at` when it is a wanted one, else null. */
  #readKey(chunk: Buffer, at: number): string | null {
    if (!this.#capturing) return null;
    const plain = this.#earlier.length === 0 && chunk[at - 1] === quote;
    // A length of its own rules a key out, unless an escape hides what it spells.
    if (plain && !this.#lengths.has(at - this.#start - 2) && chunk.indexOf(backslash, this.#start) === -1) {
      this.#capturing = false;
      return null;
    }
    const key = parse(this.#take(chunk, at) ?? '');
    return typeof key === 'string' && this.#wanted.has(key) ? key : null;
  }

  #endValue(chunk: Buffer, at: number): void {
    const text = this.#capturing ? this.#take(chunk, at) : null;
    if (this.#key !== null && text !== null) this.#found.set(this.#key, text);
    this.#key = null;
  }

  /** The first item of a list has ended: the others are passed over. */
  #endHead(chunk: Buffer, at: number): void {
    const text = this.#capturing ? this.#take(chunk, at) : null;
    if (this.#key !== null && text !== null) this.#found.set(this.#key, `${text}]`);
    this.#key = null;
  }

  #capture(from: number): void {
    this.#capturing = true;
    this.#start = from;
    this.#earlier = [];
    this.#earlierBytes = 0;
  }

  /** The captured text up to `at`; null when it is too long. */
  #take(chunk: Buffer, at: number): string | null {
    this.#capturing = false;
    if (at - this.#start > this.#limit) return null;
    if (this.#earlier.length === 0) return chunk.toString('utf8', this.#start, at);
    const whole = Buffer.concat([...this.#earlier, chunk.subarray(this.#start, at)]);
    this.#earlier = [];
    return whole.length > this.#limit ? null : whole.toString('utf8');
  }

  /** The chunk ends within a capture: its bytes are copied, for the chunk's memory is the socket's. */
  #keep(chunk: Buffer): void {
    const rest = chunk.subarray(this.#start);
    this.#earlierBytes += rest.length;
    if (this.#earlierBytes > this.#limit) this.#capturing = false;
    else this.#earlier.push(Buffer.from(rest));
  }
}

/** Undefined when the text is not JSON. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
