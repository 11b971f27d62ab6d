/** Whether the client of a request has gone. What an AbortController does, without its price for each request. */
export class Departure {
  #gone = false;
  #listeners: (() => void)[] = [];

  get gone(): boolean {
    return this.#gone;
  }

  /** The client has gone; tells everybody, once. */
  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  /** What the promise resolves with, or `gone` as soon as the client goes. */
  async waitFor<Value>(promise: Promise<Value>): Promise<Value | 'gone'> {
    if (this.#gone) return 'gone';
    const { promise: left, resolve } = Promise.withResolvers<'gone'>();
    const stop = this.onLeave(() => resolve('gone'));
    try {
      return await Promise.race([promise, left]);
    } finally {
      stop();
    }
  }

  /** Calls the listener when the client goes, not when it has gone already. Returns how to stop listening. */
  onLeave(listener: () => void): () => void {
    if (!this.#gone) this.#listeners.push(listener);
    return () => {
      const place = this.#listeners.indexOf(listener);
      if (place !== -1) this.#listeners.splice(place, 1);
    };
  }
}
