/** For the bodies of all requests together, in bytes: eight of the largest that the settings allow as they come. */
export const mostKept = 256 * 1_048_576;

/** How much of the bodies that are kept for a second try is in memory, for all requests together. */
export class ReplayMemory {
  readonly #limit: number;
  #used = 0;

  constructor(limit = mostKept) {
    this.#limit = limit;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  /** Whether so many more bytes may be kept; they count when they may. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  /** So many bytes are kept no longer. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
