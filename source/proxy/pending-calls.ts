type Waiting<Answer> = { resolve(answer: Answer): void; reject(error: Error): void };

/** Questions sent to another thread that have no answer yet, each with its number. */
export class PendingCalls<Answer> {
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #last = 0;
  #gone: Error | null = null;

  /** Sends a question with its number; resolves with the answer that comes back for it. */
  ask(send: (call: number) => void): Promise<Answer> {
    if (this.#gone) return Promise.reject(this.#gone);
    this.#last += 1;
    const call = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      try {
        send(call);
      } catch (error) {
        this.#waiting.delete(call);
        throw error;
      }
    });
  }

  /** An answer without a question is ignored. */
  answer(call: number, answer: Answer | Error): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (answer instanceof Error) waiting?.reject(answer);
    else waiting?.resolve(answer);
  }

  /** The other side has gone: everything that waits fails, and everything asked from now on. */
  failAll(error: Error): void {
    this.#gone = error;
    for (const call of this.#waiting.keys()) this.answer(call, error);
  }
}
