import type { Clock } from '../shared/clock.ts';
import type { LogLevel, NumberedEvent, ProxyEvent } from '../shared/events.ts';
import type { PriceEntry } from '../shared/price-entry.ts';
import { Ring } from '../shared/ring.ts';
import type { Price } from './prices.ts';
import { applyEvents, initialState } from './reduce.ts';
import type { State } from './state.ts';
import { recalled, type Trend } from './trends.ts';

export type Store = {
  /** Folds a batch into the state and numbers its events. */
  apply(events: readonly ProxyEvent[]): void;
  /** Says something in the log, now. */
  log(level: LogLevel, text: string): void;
  /** Takes in how windows were used before this instance. */
  recall(older: readonly Trend[]): void;
  state(): State;
  /** Called after each change of the state; the returned function ends it. */
  subscribe(listener: () => void): () => void;
  feed: {
    /** Number of the newest event; of none yet, the number before the first. */
    lastSeq(): number;
    /** The events after that number, oldest first; null when one of them is no longer kept, or never was here. */
    eventsAfter(seq: number): NumberedEvent[] | null;
    /** Every later batch, numbered. The listener must not throw; the returned function ends it. */
    onEvents(listener: (events: readonly NumberedEvent[]) => void): () => void;
  };
};

/** How many events a client of the feed may have missed and still catch up with. */
export const feedLimit = 4096;

export type StoreOptions = {
  clock: Clock;
  price: Price;
  /** Prices that are in `price` beside the list prices: whoever follows this state from elsewhere needs them. */
  prices?: readonly PriceEntry[];
  /** What is told is simulated. */
  demo?: boolean;
  /** How accounts are chosen at first; left out = nobody is told. */
  strategy?: string;
};

/** The one place where the events of this instance become state. */
export const createStore = ({ clock, price, prices = [], demo = false, strategy }: StoreOptions): Store => {
  const startedAt = clock.now();
  // Numbers go on above those of earlier instances (at less than a million events a second), so that a client which
  // comes back after a restart asks for events that are not here, and not for other ones of the same numbers.
  const base = startedAt * 1000;
  const ring = new Ring<NumberedEvent>(feedLimit);
  const changeListeners = new Set<() => void>();
  const eventListeners = new Set<(events: readonly NumberedEvent[]) => void>();
  let state: State = {
    ...initialState(startedAt),
    ...(prices.length === 0 ? {} : { prices }),
    ...(demo ? { demo } : {}),
    ...(strategy === undefined ? {} : { strategy }),
  };

  const lastSeq = (): number => base + ring.last;

  const apply = (events: readonly ProxyEvent[]): void => {
    if (events.length === 0) return;
    state = applyEvents(state, events, price);
    const first = lastSeq() + 1;
    const numbered = events.map((event, index) => ({ seq: first + index, event }));
    for (const item of numbered) ring.push(item);
    for (const listener of eventListeners) listener(numbered);
    for (const listener of changeListeners) listener();
  };

  return {
    apply,
    log: (level, text) => apply([{ type: 'logged', at: clock.now(), level, text }]),
    recall(older) {
      state = { ...state, use: recalled(state.use, older) };
      for (const listener of changeListeners) listener();
    },
    state: () => state,
    subscribe: (listener) => subscription(changeListeners, listener),
    feed: {
      lastSeq,
      eventsAfter: (seq) => (seq < base + ring.first - 1 || seq > lastSeq() ? null : ring.after(seq - base)),
      onEvents: (listener) => subscription(eventListeners, listener),
    },
  };
};

const subscription = <Listener>(listeners: Set<Listener>, listener: Listener): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
