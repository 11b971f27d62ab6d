/** A map of at most `capacity` entries: what was set longest ago makes way. */
export class RecentMap<Value> {
  readonly #capacity: number;
  // A Map iterates in insertion order, so setting anew keeps the oldest first.
  readonly #entries = new Map<string, Value>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#capacity) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  /** Forgets every entry for which the test is true. */
  forget(test: (value: Value, key: string) => boolean): void {
    for (const [key, value] of this.#entries) if (test(value, key)) this.#entries.delete(key);
  }
}
