/** A buffer of the newest `capacity` items. Every item keeps the sequence number it got when it was pushed. */
export class Ring<Item> {
  readonly capacity: number;
  #items: Item[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Adds an item, evicting the oldest one when full. Returns the item's sequence number, from 1 up. */
  push(item: Item): number {
    if (this.#items.length < this.capacity) this.#items.push(item);
    else this.#items[this.#next % this.capacity] = item;
    this.#next += 1;
    return this.#next;
  }

  /** How many items are kept now. */
  get size(): number {
    return this.#items.length;
  }

  /** Sequence number of the newest item; 0 when nothing was ever pushed. */
  get last(): number {
    return this.#next;
  }

  /** Sequence number of the oldest item still kept; `last + 1` when empty. */
  get first(): number {
    return this.#next - this.#items.length + 1;
  }

  /** The item with that sequence number, or undefined when it was evicted or never existed. */
  at(seq: number): Item | undefined {
    if (seq < this.first || seq > this.#next) return undefined;
    return this.#items[(seq - 1) % this.capacity];
  }

  /** The kept items after `seq`, oldest first; all of them by default. */
  after(seq = 0): Item[] {
    const items: Item[] = [];
    for (let n = Math.max(seq + 1, this.first); n <= this.#next; n += 1) {
      items.push(this.#items[(n - 1) % this.capacity] as Item);
    }
    return items;
  }
}
