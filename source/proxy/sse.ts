import { nameLengths } from './name-lengths.ts';

// Server-sent events as they pass: finds event boundaries and hands on the few events that someone asked for.
// https://html.spec.whatwg.org/multipage/server-sent-events.html (lines end with LF or CR LF here; no server of this
// field was seen to end them with a lone CR).

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const letterD = 0x64;
const letterE = 0x65;
const longestName = 64;

/** A line longer than this is passed over: nothing we read is that large. */
const longestLine = 1_048_576;

/**
 * Calls `onEvent(name, data)` for each event whose name is in `wanted`, with its data lines joined by LF.
 * Events without a name count as `message`.
 */
export class SseReader {
  readonly #wanted: ReadonlySet<string>;
  /** Name lengths worth decoding: most events are told apart by the length of their name alone. */
  readonly #lengths: ReadonlySet<number>;
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
    this.#lengths = nameLengths(wanted);
    this.#onEvent = onEvent;
  }

  /** The name of the event whose lines are coming; empty between two events, and before its name was said. */
  get begun(): string {
    return this.#name;
  }

  /** Whether a line of data of that event has come. */
  get hasData(): boolean {
    return this.#data.length > 0;
  }

  /** What came of the line whose end has not; empty also when that is too long. */
  get openLine(): string {
    return Buffer.concat(this.#carry).toString('utf8');
  }

  /** Takes the next bytes; any split of the stream gives the same events. Never throws. */
  push(chunk: Buffer): void {
    let from = 0;
    while (from < chunk.length) {
      const next = this.#behindUnwanted(chunk, from);
      if (next !== -1) {
        from = next;
        continue;
      }
      // The empty line that ends an event needs no search.
      const end = chunk[from] === lineFeed ? from : chunk.indexOf(lineFeed, from);
      if (end === -1) break;
      if (this.#carried === 0 && !this.#overlong) this.#line(chunk, from, end);
      else this.#endCarried(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /**
   * Index behind an event that is all in this chunk, has a name nobody wants and one line of data, as nearly all have;
   * -1 for anything else, which is then read line by line.
   */
  #behindUnwanted(chunk: Buffer, from: number): number {
    if (chunk[from] !== letterE || this.#carried > 0 || this.#overlong || this.#name !== '') return -1;
    const start = valueStart(chunk, eventField, from, chunk.length);
    if (start === -1 || this.#data.length > 0) return -1;
    let end = start;
    // Names are short: walking is quicker than a native search.
    for (const limit = Math.min(start + longestName, chunk.length); end < limit; end += 1) {
      if (chunk[end] === lineFeed) break;
    }
    if (chunk[end] !== lineFeed || chunk[end - 1] === carriageReturn || this.#lengths.has(end - start))
      return -1;
    if (chunk[end + 1] !== letterD) return -1;
    const dataEnd = chunk.indexOf(lineFeed, end + 1);
    return dataEnd !== -1 && chunk[dataEnd + 1] === lineFeed ? dataEnd + 2 : -1;
  }

  #keep(rest: Buffer): void {
    if (this.#overlong) return;
    this.#carried += rest.length;
    // One more: the CR of a line end is not part of the line.
    this.#overlong = this.#carried > longestLine + 1;
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
    if (to - from > longestLine) return;
    // The first letter decides: no other field matters, and comments start with ':'.
    const first = chunk[from];
    if (first === letterE) this.#name = this.#eventName(chunk, from, to);
    else if (first === letterD && (this.#name === '' || this.#wanted.has(this.#name))) {
      this.#dataBytes += to - from;
      const start = this.#dataBytes > longestLine ? -1 : valueStart(chunk, dataField, from, to);
      if (start !== -1) this.#data.push(chunk.toString('utf8', start, to));
    }
  }

  #eventName(chunk: Buffer, from: number, to: number): string {
    const start = valueStart(chunk, eventField, from, to);
    if (start === -1) return this.#name;
    if (!this.#lengths.has(to - start)) return unwanted;
    return chunk.toString('utf8', start, to);
  }

  #endEvent(): void {
    const name = this.#name === '' ? 'message' : this.#name;
    if (this.#data.length > 0 && this.#wanted.has(name)) this.#onEvent(name, this.#data.join('\n'));
    this.#name = '';
    this.#data = [];
    this.#dataBytes = 0;
  }
}

/** Stands for every event whose name cannot be a wanted one. */
const unwanted = '\0';

const eventField = Buffer.from('event');
const dataField = Buffer.from('data');

/** Where the value of `field: value` starts, or -1 when the line is another field. */
const valueStart = (chunk: Buffer, field: Buffer, from: number, to: number): number => {
  const colon = from + field.length;
  if (colon >= to || chunk[colon] !== 0x3a) return -1;
  for (let i = 1; i < field.length; i += 1) if (chunk[from + i] !== field[i]) return -1;
  return Math.min(chunk[colon + 1] === 0x20 ? colon + 2 : colon + 1, to);
};
