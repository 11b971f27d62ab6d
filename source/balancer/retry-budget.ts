// A pool that fails for everybody must not get three times its load for that: repeats share a budget.

const windowMs = 10_000;
const slotMs = 100;
const slots = windowMs / slotMs;
/** Repeats for each request of the window. */
const share = 0.2;
/** Repeats in a window with hardly a request in it. */
const least = 3;

/** How many requests may be sent again: a fifth of those of the last ten seconds, and always three. Without a clock of its own. */
export class RetryBudget {
  /** Of the last ten seconds, by the tenth of a second in which they came; used again and again. */
  readonly #requestsAt = new Uint32Array(slots);
  readonly #retriesAt = new Uint32Array(slots);
  #requests = 0;
  #retries = 0;
  /** The newest tenth of a second that was seen; -1 before the first. */
  #slot = -1;

  /** A request has come. `now` in milliseconds of a clock that only goes forward. */
  asked(now: number): void {
    const place = this.#placeOf(now);
    this.#requests += 1;
    this.#requestsAt[place] = (this.#requestsAt[place] ?? 0) + 1;
  }

  /** Whether one might be sent again now. */
  has(now: number): boolean {
    this.#placeOf(now);
    return this.#retries < Math.max(least, Math.floor(this.#requests * share));
  }

  /** Whether one may be sent again now; takes that from the budget when it may. */
  spend(now: number): boolean {
    if (!this.has(now)) return false;
    const place = this.#placeOf(now);
    this.#retries += 1;
    this.#retriesAt[place] = (this.#retriesAt[place] ?? 0) + 1;
    return true;
  }

  /** Where this moment is counted; what has left the window is forgotten. */
  #placeOf(now: number): number {
    const slot = Math.max(this.#slot, Math.floor(now / slotMs));
    for (let passed = Math.max(this.#slot, slot - slots) + 1; passed <= slot; passed += 1) {
      const place = passed % slots;
      this.#requests -= this.#requestsAt[place] ?? 0;
      this.#retries -= this.#retriesAt[place] ?? 0;
      this.#requestsAt[place] = 0;
      this.#retriesAt[place] = 0;
    }
    this.#slot = slot;
    return slot % slots;
  }
}
