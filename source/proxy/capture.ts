import type { ReplayMemory } from './replay-memory.ts';
import type { Secret } from '../shared/secret.ts';
import type { Outcome } from '../shared/types.ts';
import { KeptBytes } from './kept-bytes.ts';
import type { UsageTap } from './usage-tap.ts';

/** What a head and the rest of a capture are reckoned with, in bytes. */
export const headBytes = 16_384;

/** The answer to a captured request, as far as it came. */
export type CapturedAnswer = {
  status: number;
  /** As node has them: name, value, name, value, … */
  headers: readonly string[];
  encoding: string;
  body: KeptBytes;
  isWhole: boolean;
};

/** What is kept of one request that is under way; bounded, and gone with it unless somebody takes it. */
export class Capture {
  readonly request: KeptBytes;
  answer: CapturedAnswer | null = null;
  isRequestWhole = false;
  /** What it was sent on with: by its end an account may have another one, or be gone. */
  readonly secrets = new Set<Secret>();
  readonly #memory: ReplayMemory;
  readonly #limit: number;
  readonly #onlyErrors: boolean;
  readonly #done: (capture: Capture) => void;
  #isOver = false;

  /** `limit`: bytes of each body; `done` is told, once, of one that is wanted: its memory is up to that one then. */
  constructor(limit: number, memory: ReplayMemory, onlyErrors: boolean, done: (capture: Capture) => void) {
    this.#limit = limit;
    this.#memory = memory;
    this.#onlyErrors = onlyErrors;
    this.#done = done;
    this.request = new KeptBytes(limit, memory);
  }

  /** The body of the request, as far as it came. */
  received(chunks: readonly Uint8Array[], isWhole: boolean): void {
    for (const chunk of chunks) this.request.push(chunk);
    this.isRequestWhole = isWhole;
  }

  /** The answer has begun. Returns the tap that its body has to go through. */
  answered(
    status: number,
    headers: readonly string[],
    encoding: string | undefined,
    tap: UsageTap,
  ): UsageTap {
    const body = new KeptBytes(this.#limit, this.#memory);
    this.answer = { status, headers, encoding: (encoding ?? '').trim().toLowerCase(), body, isWhole: false };
    return {
      ...tap,
      push(chunk) {
        tap.push(chunk);
        body.push(chunk);
      },
    };
  }

  /** An answer of our own was given. */
  refused(status: number, headers: readonly string[], body: string): void {
    // Nobody would give its memory back any more.
    if (this.#isOver) return;
    const kept = new KeptBytes(this.#limit, this.#memory);
    kept.push(Buffer.from(body));
    this.answer = { status, headers, encoding: '', body: kept, isWhole: true };
  }

  /** The answer has ended, whole or not. */
  passed(isWhole: boolean): void {
    if (this.answer !== null) this.answer.isWhole = isWhole;
  }

  /** The request has ended. */
  finish(outcome: Outcome): void {
    if (this.#isOver) return;
    if (this.#onlyErrors && outcome === 'ok') return this.close();
    this.#isOver = true;
    this.#done(this);
  }

  /** Nobody needs it: one that has not finished goes without a trace. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.release();
  }

  /** Gives all its memory back. */
  release(): void {
    this.request.release();
    this.answer?.body.release();
  }
}
