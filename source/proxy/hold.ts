import { isFull } from '../balancer/places.ts';
import type { Candidate } from '../balancer/strategies.ts';
import type { Wait } from '../balancer/wait.ts';
import type { Clock } from '../shared/clock.ts';
import type { ProxyEvent } from '../shared/events.ts';
import { asDuration, type AccountId, type EpochMs, type RequestId } from '../shared/types.ts';
import type { Exchange } from './exchange.ts';
import { untold } from './interim.ts';

/** How a request stopped being held. */
export type HoldEnd =
  /** Its turn has come: an account can take it, or it is clear that none will. */
  | 'ready'
  /** Its time is over, or a person wants it answered. */
  | 'over'
  /** A person wants it given up. */
  | 'cancelled'
  /** The client has gone. */
  | 'left'
  | 'stopping';

export type HoldInput = {
  why: Wait['why'];
  /** When it is over at the latest, monotonic. */
  ends: number;
  /** When it will probably go on, or be answered: what a person is shown. */
  until: EpochMs;
  /** The account that would take it now; `nobody` when waiting has become pointless; null = it has to wait. */
  next(): AccountId | 'nobody' | null;
};

export type HoldOptions = {
  clock: Clock;
  emit(event: ProxyEvent): void;
  /** Of those that wait at once; left out = 64, and 256 for a place at an account, with bodies of 64 MiB in all. */
  most?: { requests: number; places: number; bytes: number };
};

type Held = HoldInput & { exchange: Exchange; since: number; settle(end: HoldEnd): void };

/** How often it is looked whose turn has come. */
const lookMs = 100;
/** An account that has just become free gets one request, and the next one when that has its verdict, or after this. */
const gapMs = 250;
/** A place at an account comes free any moment, so that more may wait for one than for a limit to end. */
const standard = { requests: 64, places: 256, bytes: 64 * 1_048_576 };
const nobodyWaits: ReadonlySet<AccountId> = new Set();

/** Requests that wait for an account, in the order in which they arrived: nothing is sent to anybody meanwhile. */
export class Holds {
  readonly #options: Required<HoldOptions>;
  readonly #queue: Held[] = [];
  /** When the last one was released to each account, as long as its verdict is not known. */
  readonly #released = new Map<AccountId, number>();
  /** Accounts that those who wait have the next turns at. */
  #backlog = nobodyWaits;
  #bytes = 0;
  /** How many wait for a place at an account that has as many requests as it may. */
  #places = 0;
  /** Accounts of which a place has come free since all who wait for one were asked. */
  readonly #free = new Map<AccountId, Candidate>();
  /** Something else has changed since, or not all were asked. */
  #asksAll = false;
  #looksSoon = false;
  #stopped = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: HoldOptions) {
    this.#options = { most: standard, ...options };
  }

  /** Holds a request in its place by arrival. null when there is no room, or the proxy stops. */
  hold(exchange: Exchange, input: HoldInput): Promise<HoldEnd> | null {
    const { clock, emit, most } = this.#options;
    const size = exchange.body.length;
    if (this.#stopped || exchange.client.gone) return null;
    const isPlace = input.why === 'full';
    const alike = isPlace ? this.#places : this.#queue.length - this.#places;
    if (alike >= (isPlace ? most.places : most.requests) || this.#bytes + size > most.bytes) return null;
    for (const event of untold(exchange)) emit(event);
    const { id, decision } = exchange;
    emit({
      type: 'requestHeld',
      at: clock.now(),
      id,
      until: input.until,
      ...(decision !== null && { decision }),
    });
    const { promise, resolve } = Promise.withResolvers<HoldEnd>();
    const held: Held = { ...input, exchange, since: clock.monotonic(), settle: resolve };
    const stopListening = exchange.client.onLeave(() => this.#end(held, 'left'));
    const later = this.#queue.findIndex((other) => other.exchange.at > exchange.at);
    this.#queue.splice(later === -1 ? this.#queue.length : later, 0, held);
    this.#bytes += size;
    if (isPlace) this.#places += 1;
    this.#timer ??= setInterval(() => this.#lookAtAll(), lookMs);
    return promise.finally(stopListening);
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.length;
  }

  /**
   * Whether a request that waits has the next turn at that account. `isCounted`: it may have so many at once, and a place
   * that has just come free is for those who wait for it. They are not asked about any other, which they did not want when
   * they were: each chooses among all accounts (256 of them, measured: a millisecond with ten accounts, seven with a hundred).
   */
  hasBacklog(account: AccountId, isCounted = false): boolean {
    if (this.#backlog.has(account)) return true;
    if (!isCounted || this.#places === 0) return false;
    if (!this.#asksAll && !this.#free.has(account)) return false;
    return this.#queue.some(({ why, next }) => why === 'full' && next() === account);
  }

  /** An account has a place free, and had none: who waits for it need not wait for the next look. */
  placeFree(account: Candidate): void {
    if (this.#places === 0) return;
    this.#free.set(account.record.id, account);
    this.#lookSoon();
  }

  /** Accounts may serve now that did not, or no longer: who waits for a place need not wait for the next look. */
  changed(): void {
    if (this.#places === 0) return;
    this.#asksAll = true;
    this.#lookSoon();
  }

  /** A request that was released has its verdict: the next one may go to that account. */
  settled(account: AccountId): void {
    if (!this.#released.delete(account)) return;
    this.#asksAll = true;
    this.#lookSoon();
  }

  /** Ends one by the wish of a person; nothing happens when it does not wait. */
  end(request: RequestId, how: 'over' | 'cancelled'): void {
    const held = this.#queue.find(({ exchange }) => exchange.id === request);
    if (held) this.#end(held, how);
  }

  /** Ends all of them; nobody may wait any more. */
  stop(): void {
    this.#stopped = true;
    for (const held of this.#queue.slice()) this.#end(held, 'stopping');
  }

  #end(held: Held, how: HoldEnd): void {
    const place = this.#queue.indexOf(held);
    if (place === -1) return;
    this.#queue.splice(place, 1);
    const { clock, emit } = this.#options;
    const { exchange } = held;
    this.#bytes -= exchange.body.length;
    if (held.why === 'full') this.#places -= 1;
    const waitMs = asDuration(Math.round(clock.monotonic() - held.since));
    exchange.waitMs = asDuration(exchange.waitMs + waitMs);
    emit({ type: 'requestReleased', at: clock.now(), id: exchange.id, waitMs });
    held.settle(how);
    if (this.#queue.length > 0) return;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#released.clear();
    this.#allAsked();
    this.#backlog = nobodyWaits;
  }

  #allAsked(): void {
    this.#asksAll = false;
    this.#free.clear();
  }

  #lookSoon(): void {
    if (this.#looksSoon) return;
    this.#looksSoon = true;
    setImmediate(() => this.#lookOn());
  }

  #lookAtAll(): void {
    this.#asksAll = true;
    this.#look();
  }

  /** Looks, unless whatever came free has been taken: then all who wait for a place would only be told so once more. */
  #lookOn(): void {
    this.#looksSoon = false;
    for (const [id, account] of this.#free) if (isFull(account)) this.#free.delete(id);
    const isOver = !this.#asksAll && this.#free.size === 0 && this.#places === this.#queue.length;
    if (isOver) this.#backlog = nobodyWaits;
    else this.#look();
  }

  /** Ends the waits that are over, and lets one go whose turn has come: what others would get shows after that. */
  #look(): void {
    const now = this.#options.clock.monotonic();
    const taken = new Set<AccountId>();
    for (const held of this.#queue.slice()) {
      if (now >= held.ends) {
        this.#end(held, 'over');
        continue;
      }
      const account = held.next();
      if (account === null) continue;
      if (account === 'nobody') {
        this.#end(held, 'ready');
        continue;
      }
      // An account with a place free serves: nobody has to wait for the verdict of the one before.
      const isPlace = held.why === 'full';
      const isFirst = !taken.has(account) && (isPlace || this.#mayGo(account, now));
      taken.add(account);
      if (!isFirst) continue;
      if (!isPlace) this.#released.set(account, now);
      this.#end(held, 'ready');
      this.#backlog = this.#queue.length > 0 ? taken : nobodyWaits;
      this.#lookSoon();
      return;
    }
    this.#allAsked();
    this.#backlog = this.#queue.length > 0 ? taken : nobodyWaits;
  }

  #mayGo(account: AccountId, now: number): boolean {
    const last = this.#released.get(account);
    return last === undefined || now - last >= gapMs;
  }
}
