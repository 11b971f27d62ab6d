import type { Clock } from '../shared/clock.ts';
import type { NumberedEvent, ProxyEvent } from '../shared/events.ts';
import { isRecord } from '../shared/is-record.ts';
import { priceWith } from './prices.ts';
import { applyEvents, initialState } from './reduce.ts';
import type { State } from './state.ts';
import { noUse } from './trends.ts';

/** A state together with the number of the last event in it. */
export type Snapshot = { seq: number; state: State };

export type Mirror = {
  /** Starts from another instance's snapshot. False, and nothing changes, when it is not one. */
  load(snapshot: unknown): boolean;
  /**
   * Goes on from there. Events that are already in the state are skipped; a gap in the numbers counts as lost
   * events. Before the first snapshot everything is ignored.
   */
  apply(events: readonly NumberedEvent[]): void;
  /** Number of the last event in the state; null before the first snapshot. */
  lastSeq(): number | null;
  state(): State;
  /** Called after each change of the state; the returned function ends it. */
  subscribe(listener: () => void): () => void;
};

/** The state of an instance in another process, kept from what its control socket tells. */
export const createMirror = ({ clock }: { clock: Clock }): Mirror => {
  const listeners = new Set<() => void>();
  let state = initialState(clock.now());
  let seq: number | null = null;

  const change = (next: State, nextSeq: number): void => {
    state = next;
    seq = nextSeq;
    for (const listener of listeners) listener();
  };

  return {
    load(value) {
      const snapshot = readSnapshot(value);
      if (snapshot === null) return false;
      change({ ...snapshot.state, use: snapshot.state.use ?? noUse }, snapshot.seq);
      return true;
    },
    apply(numbered) {
      if (seq === null) return;
      const [events, last] = unseen(numbered, seq);
      if (last > seq) change(applyEvents(state, events, priceWith(state.prices ?? [])), last);
    },
    lastSeq: () => seq,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/** The events behind `seq`, with a `dropped` event in each gap, and the number of the last one. */
const unseen = (numbered: readonly NumberedEvent[], seq: number): [ProxyEvent[], number] => {
  const events: ProxyEvent[] = [];
  let last = seq;
  for (const { seq, event } of numbered) {
    if (seq <= last) continue;
    const missing = seq - last - 1;
    if (missing > 0) events.push({ type: 'dropped', at: event.at, count: missing });
    events.push(event);
    last = seq;
  }
  return [events, last];
};

const isUse = (value: unknown): boolean =>
  isRecord(value) && Array.isArray(value['trends']) && isRecord(value['servedUsd']);

const stateFields: { [Key in keyof State]: (value: unknown) => boolean } = {
  url: (value) => value === null || typeof value === 'string',
  prices: (value) => value === undefined || Array.isArray(value),
  demo: (value) => value === undefined || value === true,
  startedAt: Number.isFinite,
  accounts: Array.isArray,
  next: (value) => value === null || typeof value === 'string',
  rows: Array.isArray,
  seen: Number.isFinite,
  log: Array.isArray,
  told: isRecord,
  inFlight: Number.isFinite,
  totals: isRecord,
  dropped: Number.isFinite,
  // An older instance tells none.
  use: (value) => value === undefined || isUse(value),
};

/** A snapshot as it came over the socket, or null when its outline is wrong. The sender is trusted with the details. */
const readSnapshot = (value: unknown): Snapshot | null => {
  if (!isRecord(value) || !Number.isSafeInteger(value['seq']) || !isRecord(value['state'])) return null;
  const { state } = value;
  const isWhole = Object.entries(stateFields).every(([key, isRight]) => isRight(state[key]));
  return isWhole ? (value as Snapshot) : null;
};
