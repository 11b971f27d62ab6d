// Reads a few top-level fields out of a JSON document that flows past, without keeping or parsing the rest.
// Message bodies are megabytes of text in strings; the scanner hops from quote to quote with native searches.

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

export class FieldScanner {
  readonly #wanted: ReadonlySet<string>;
  readonly #limit: number;
  readonly #found = new Map<string, string>();
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Bytes of the key or wanted value being read; null while they do not matter. */
  #capture: string | null = null;
  #key: string | null = null;
  #expectKey = true;

  /** `limit`: bytes a wanted value may have; a larger one is passed over. */
  constructor(wanted: ReadonlySet<string>, limit = 16_384) {
    this.#wanted = wanted;
    this.#limit = limit;
  }

  /** True once every wanted field was seen: the rest need not be pushed. */
  get complete(): boolean {
    return this.#found.size === this.#wanted.size;
  }

  /** Takes the next bytes; any split of the document gives the same fields. Never throws. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.complete) {
      if (this.#inString) {
        const end = this.#skipString(chunk, at);
        this.#keep(chunk, at, end);
        at = end;
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (byte === quote) {
        this.#inString = true;
        if (this.#depth === 1 && this.#expectKey) this.#capture = '';
        this.#keep(chunk, at, at + 1);
      } else if (!this.#structural(byte)) this.#keep(chunk, at, at + 1);
      at += 1;
    }
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

  /** Index behind the string that is open at `from`, or the chunk's length when it does not end here. */
  #skipString(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    for (;;) {
      const end = chunk.indexOf(quote, at);
      const stop = end === -1 ? chunk.length : end;
      let slashes = 0;
      while (stop - 1 - slashes >= at && chunk[stop - 1 - slashes] === backslash) slashes += 1;
      const odd = slashes % 2 === 1;
      if (end === -1) {
        this.#escaped = odd;
        return chunk.length;
      }
      if (!odd) {
        this.#inString = false;
        return end + 1;
      }
      at = end + 1;
    }
  }

  /** Follows one byte outside strings; true when it ends or begins a top-level key or value. */
  #structural(byte: number): boolean {
    if (byte === openBrace || byte === openBracket) {
      this.#depth += 1;
      return this.#depth === 1;
    }
    if (byte === closeBrace || byte === closeBracket) {
      this.#depth -= 1;
      if (this.#depth === 0) this.#endValue();
      return this.#depth === 0;
    }
    if (this.#depth !== 1) return false;
    if (byte === comma) {
      this.#endValue();
      this.#expectKey = true;
      return true;
    }
    if (byte === colon && this.#expectKey) {
      this.#key = this.#capture === null ? null : unquote(this.#capture);
      this.#capture = this.#key !== null && this.#wanted.has(this.#key) ? '' : null;
      this.#expectKey = false;
      return true;
    }
    return false;
  }

  #endValue(): void {
    if (this.#key !== null && this.#capture !== null) this.#found.set(this.#key, this.#capture);
    this.#key = null;
    this.#capture = null;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (this.#capture === null) return;
    if (this.#capture.length + to - from > this.#limit) this.#capture = null;
    else this.#capture += chunk.toString('latin1', from, to);
  }
}

/** The bytes were kept as latin1; JSON text is UTF-8. Undefined when it is not JSON. */
const parse = (latin1: string): unknown => {
  try {
    return JSON.parse(Buffer.from(latin1, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
};

const unquote = (text: string): string | null => {
  const value = parse(text);
  return typeof value === 'string' ? value : null;
};
