// Server-sent events as they pass: finds event boundaries and hands on the few events that someone asked for.
// https://html.spec.whatwg.org/multipage/server-sent-events.html (lines end with LF or CR LF here; no server of this
// field was seen to end them with a lone CR).

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const letterD = 0x64;
const letterE = 0x65;

/** A line longer than this is passed over: nothing we read is that large. */
const longestLine = 1_048_576;

/**
 * Calls `onEvent(name, data)` for each event whose name is in `wanted`, with its data lines joined by LF.
 * Events without a name count as `message`.
 */
export class SseReader {
  readonly #wanted: ReadonlySet<string>;
  readonly #onEvent: (name: string, data: string) => void;
  /** The pieces of a line whose end has not come yet. */
  #carry: Buffer[] = [];
  #carried = 0;
  #overlong = false;
  #name = '';
  #data: string[] = [];
  #dataBytes = 0;

  constructor(wanted: ReadonlySet<string>, onEvent: (name: string, data: string) => void) {
    this.#wanted = wanted;
    this.#onEvent = onEvent;
  }

  /** Takes the next bytes; any split of the stream gives the same events. Never throws. */
  push(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, from);
      if (end === -1) break;
      if (this.#carried === 0 && !this.#overlong) this.#line(chunk, from, end);
      else this.#endCarried(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #keep(rest: Buffer): void {
    if (this.#overlong) return;
    this.#carried += rest.length;
    this.#overlong = this.#carried > longestLine;
    if (this.#overlong) this.#carry = [];
    // Copied: a view would keep the socket's whole read buffer alive.
    else this.#carry.push(Buffer.from(rest));
  }

  #endCarried(rest: Buffer): void {
    if (!this.#overlong) {
      const whole = Buffer.concat([...this.#carry, rest]);
      this.#line(whole, 0, whole.length);
    }
    this.#carry = [];
    this.#carried = 0;
    this.#overlong = false;
  }

  #line(chunk: Buffer, from: number, end: number): void {
    const to = end > from && chunk[end - 1] === carriageReturn ? end - 1 : end;
    if (to === from) {
      this.#endEvent();
      return;
    }
    // The first letter decides: no other field matters, and comments start with ':'.
    const first = chunk[from];
    if (first === letterE) this.#name = fieldValue(chunk, 'event', from, to) ?? this.#name;
    else if (first === letterD && (this.#name === '' || this.#wanted.has(this.#name))) {
      this.#dataBytes += to - from;
      const value = this.#dataBytes > longestLine ? null : fieldValue(chunk, 'data', from, to);
      if (value !== null) this.#data.push(value);
    }
  }

  #endEvent(): void {
    const name = this.#name === '' ? 'message' : this.#name;
    if (this.#data.length > 0 && this.#wanted.has(name)) this.#onEvent(name, this.#data.join('\n'));
    this.#name = '';
    this.#data = [];
    this.#dataBytes = 0;
  }
}

/** The value of `field: value`, or null when the line is another field. */
const fieldValue = (chunk: Buffer, field: string, from: number, to: number): string | null => {
  const colon = from + field.length;
  if (colon >= to || chunk[colon] !== 0x3a || chunk.toString('latin1', from, colon) !== field) return null;
  const start = chunk[colon + 1] === 0x20 ? colon + 2 : colon + 1;
  return chunk.toString('utf8', Math.min(start, to), to);
};
