import type { ReplayMemory } from './replay-memory.ts';

/** Smallest piece of memory that is taken. */
const firstBytes = 1024;

/** The first bytes of a body that passes, a copy of their own, within a limit and a memory that all bodies share. Never waits. */
export class KeptBytes {
  /** How many have passed. */
  total = 0;
  /** There was no memory: nothing is kept. */
  isLost = false;
  readonly #limit: number;
  readonly #memory: ReplayMemory;
  #bytes = nothing;
  #length = 0;
  #isReleased = false;

  constructor(limit: number, memory: ReplayMemory) {
    this.#limit = limit;
    this.#memory = memory;
  }

  /** The next bytes of the body; what is kept of them is copied. */
  push(chunk: Uint8Array): void {
    this.total += chunk.length;
    const room = this.#limit - this.#length;
    if (room <= 0 || this.#isReleased) return;
    const wanted = this.#length + Math.min(room, chunk.length);
    if (wanted > this.#bytes.length && !this.#grow(wanted)) return this.release(true);
    this.#bytes.set(room < chunk.length ? chunk.subarray(0, room) : chunk, this.#length);
    this.#length = wanted;
  }

  /** What was kept. */
  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Gives the memory back, and takes no more: what still comes is only counted. `isLost`: because there is none left. */
  release(isLost = false): void {
    this.#isReleased = true;
    this.#memory.give(this.#bytes.length);
    this.#bytes = nothing;
    this.#length = 0;
    this.isLost ||= isLost;
  }

  #grow(wanted: number): boolean {
    const size = Math.min(this.#limit, Math.max(firstBytes, wanted, 2 * this.#bytes.length));
    const more = size - this.#bytes.length;
    if (!this.#memory.take(more)) return false;
    const bytes = new Uint8Array(size);
    bytes.set(this.taken());
    this.#bytes = bytes;
    return true;
  }
}

const nothing = new Uint8Array(0);
