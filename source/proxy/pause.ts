import { asDuration } from '../shared/types.ts';
import type { Clock } from '../shared/clock.ts';
import type { Exchange } from './exchange.ts';

export type PauseInput = {
  /** The longest, in milliseconds. */
  longest: number;
  /** Whether it may go on before that; left out = it waits the whole time. */
  isReady?(): boolean;
};

type Pausing = { exchange: Exchange; since: number; ends: number; isReady(): boolean; settle(): void };

/** How often it is looked who may go on. */
const lookMs = 50;
/** Of those that pause at once: more than a person has conversations. */
const most = 256;
const never = (): boolean => false;

/** Requests that wait for less than a second, of which nobody has to be told: in the order in which they began to. */
export class Pauses {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #queue: Pausing[] = [];
  #timer: NodeJS.Timeout | null = null;
  #looksSoon = false;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Keeps a request waiting. Resolves with whether its client still waits for it. null when it cannot wait: its client has
   * gone, too many do, or there is no time.
   */
  pause(exchange: Exchange, { longest, isReady = never }: PauseInput): Promise<boolean> | null {
    if (exchange.client.gone || this.#queue.length >= most || longest <= 0) return null;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const since = this.#clock.monotonic();
    const settle = (): void => {
      stopListening();
      const place = this.#queue.indexOf(pausing);
      if (place !== -1) this.#queue.splice(place, 1);
      const waited = Math.round(this.#clock.monotonic() - since);
      exchange.waitMs = asDuration(exchange.waitMs + waited);
      if (this.#queue.length === 0 && this.#timer) {
        clearInterval(this.#timer);
        this.#timer = null;
      }
      resolve(!exchange.client.gone);
    };
    const pausing: Pausing = { exchange, since, ends: since + longest, isReady, settle };
    const stopListening = exchange.client.onLeave(settle);
    this.#queue.push(pausing);
    this.#timer ??= setInterval(() => this.#look(), lookMs);
    return promise;
  }

  /** Something has changed that somebody may wait for. */
  changed(): void {
    if (this.#looksSoon || this.#queue.length === 0) return;
    this.#looksSoon = true;
    setImmediate(() => this.#look());
  }

  /** Lets the first go on that may: what others may shows after that. */
  #look(): void {
    this.#looksSoon = false;
    const now = this.#clock.monotonic();
    const first = this.#queue.find(({ ends, isReady }) => now >= ends || isReady());
    if (first === undefined) return;
    first.settle();
    this.changed();
  }
}
