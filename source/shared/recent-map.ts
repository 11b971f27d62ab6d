/**
 * How many entries are set before the oldest is looked for from the front again. The walk over what was deleted there is
 * shared among so many; and the copies that V8 makes of a Map meanwhile, each with all that it held, stay so long.
 */
const setsOfOneWalk = 256;

/** A map of at most `capacity` entries: what was set longest ago makes way. */
export class RecentMap<Value> {
  readonly #capacity: number;
  // A Map iterates in insertion order, so setting anew keeps the oldest first.
  readonly #entries = new Map<string, Value>();
  /**
   * Stands behind what it has taken out. A new iterator steps over every entry deleted since V8 last copied the Map, in
   * one of 10,000 entries for 20 µs; one kept for ever would keep alive all those copies.
   */
  #oldest: Iterator<string> | null = null;
  #sets = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#sets += 1;
    if (this.#sets % setsOfOneWalk === 0) this.#oldest = null;
    if (this.#entries.size <= this.#capacity) return;
    // Nothing before it is left: whatever is set, were it there before, stands at the end.
    this.#oldest ??= this.#entries.keys();
    const oldest = this.#oldest.next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  /** Forgets every entry for which the test is true. */
  forget(test: (value: Value, key: string) => boolean): void {
    for (const [key, value] of this.#entries) if (test(value, key)) this.#entries.delete(key);
    this.#oldest = null;
  }

  /** Oldest first. */
  [Symbol.iterator](): Iterator<[string, Value]> {
    return this.#entries.entries();
  }
}
