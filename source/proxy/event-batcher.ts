import type { ProxyEvent } from '../shared/events.ts';
import type { AccountId, AccountView, EpochMs } from '../shared/types.ts';

export type BatcherOptions = {
  send(batch: number, events: ProxyEvent[]): void;
  /** The account's state now; null when it was removed meanwhile. */
  viewOf(account: AccountId): AccountView | null;
  /** The account that a new conversation would get now. */
  next(): AccountId | null;
  /** What the requests under way have to tell; asked when a batch goes, so that nothing of it ever waits. */
  live(): ProxyEvent[];
  now(): EpochMs;
  intervalMs?: number;
  capacity?: number;
  /** Most of the events that wait to go in one batch: to write all down that a hung main has left would hold the streams. */
  portion?: number;
};

/** Events of a request that has not ended; its requestFinished tells all of it again. */
const isInterim = (event: ProxyEvent): event is Extract<ProxyEvent, { id: unknown }> => 'id' in event;

/**
 * Collects events into batches, one under way at a time and at most one per interval (50 ms = 20 a second).
 * A request that began and ended within one batch is told once. When main does not keep up, the queue is bounded:
 * interim events go first, and what was lost is counted in a `dropped` event.
 */
export class EventBatcher {
  /** Events that were lost since the start. */
  lost = 0;
  readonly #options: Required<BatcherOptions>;
  #queue: ProxyEvent[] = [];
  /** Where the interim events of a request stand in the queue. */
  #interim = new Map<string, number[]>();
  #superseded = new Set<number>();
  readonly #dirty = new Set<AccountId>();
  #dropped = 0;
  /** What was told last; undefined before the first time. */
  #next: AccountId | null | undefined = undefined;
  #isWoken = false;
  #batch = 0;
  #awaiting = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: BatcherOptions) {
    this.#options = { intervalMs: 50, capacity: 8192, portion: 1000, ...options };
  }

  emit(event: ProxyEvent): void {
    const { capacity } = this.#options;
    if (this.#queue.length >= capacity && (isInterim(event) || this.#queue.length >= capacity * 2)) {
      this.#dropped += 1;
      this.lost += 1;
      return;
    }
    if (event.type === 'requestFinished' && this.#interim.size > 0) this.#supersede(event.request.id);
    this.#enqueue(event);
    this.#schedule();
  }

  #enqueue(event: ProxyEvent): void {
    if (isInterim(event)) {
      const known = this.#interim.get(event.id);
      if (known) known.push(this.#queue.length);
      else this.#interim.set(event.id, [this.#queue.length]);
    }
    this.#queue.push(event);
  }

  #supersede(id: string): void {
    for (const index of this.#interim.get(id) ?? []) this.#superseded.add(index);
    this.#interim.delete(id);
  }

  /** The next batch carries the account's state as it is then. Cheap; call it on every change. */
  accountDirty(account: AccountId): void {
    this.#dirty.add(account);
    this.#schedule();
  }

  /** Something that is looked up when a batch goes (the next account, growth) has changed. Cheap. */
  wake(): void {
    this.#isWoken = true;
    this.#schedule();
  }

  /** Main has taken the batch: the next one may go. */
  acknowledged(batch: number): void {
    if (batch !== this.#batch) return;
    this.#awaiting = false;
    if (this.#queue.length > 0 || this.#dirty.size > 0 || this.#isWoken) this.#schedule();
  }

  /** Sends all that is waiting, without an interval and without an acknowledgement of what went before; for the end. */
  flush(): void {
    this.#send(Infinity);
  }

  #send(most: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const events = this.#take(most);
    if (events.length === 0) return;
    this.#batch += 1;
    this.#awaiting = true;
    this.#options.send(this.#batch, events);
  }

  #schedule(): void {
    if (!this.#awaiting)
      this.#timer ??= setTimeout(() => this.#send(this.#options.portion), this.#options.intervalMs);
  }

  #take(most: number): ProxyEvent[] {
    const queue = this.#queue;
    const events =
      this.#superseded.size === 0 ? queue : queue.filter((_, index) => !this.#superseded.has(index));
    this.#queue = [];
    this.#interim.clear();
    this.#superseded.clear();
    if (events.length <= most) return this.#takeState(events);
    for (const event of events.slice(most)) this.#enqueue(event);
    return events.slice(0, most);
  }

  /** The events, and behind them what is looked up now: it must not be told before them. */
  #takeState(events: ProxyEvent[]): ProxyEvent[] {
    const { viewOf, live, now } = this.#options;
    events.push(...live());
    for (const id of this.#dirty) {
      const account = viewOf(id);
      if (account) events.push({ type: 'accountChanged', at: now(), account });
    }
    if (this.#dirty.size > 0 || this.#isWoken) this.#tellNext(events);
    if (this.#dropped > 0) events.push({ type: 'dropped', at: now(), count: this.#dropped });
    this.#dirty.clear();
    this.#dropped = 0;
    this.#isWoken = false;
    return events;
  }

  #tellNext(events: ProxyEvent[]): void {
    const account = this.#options.next();
    if (account === this.#next) return;
    this.#next = account;
    events.push({ type: 'nextChosen', at: this.#options.now(), account });
  }
}
