import type { NumberedEvent } from '../shared/events.ts';
import type { BoundedWriter } from './bounded-writer.ts';
import { encodeLine, type Subscription } from './protocol.ts';

/** Where a server gets its events; store/ makes one. */
export type Feed = {
  /** Number of the newest event; 0 when there was none. */
  lastSeq(): number;
  /** The events after `seq`, oldest first; null when some of them are no longer kept. */
  eventsAfter(seq: number): NumberedEvent[] | null;
  onEvents(listener: (events: readonly NumberedEvent[]) => void): () => void;
};

/** The events as a client gets them: made once for all subscribers. */
export const eventLines = (events: readonly NumberedEvent[]): string =>
  events.map((event) => encodeLine({ event })).join('');

export type Subscriber = {
  /** Answers a `subscribe`, then sends what the client has missed. */
  start(id: number, after: number | null): void;
  /** Sends what is new to this client; nothing before `start`. `lines` is the wire form of all `events`. */
  deliver(events: readonly NumberedEvent[], lines: string): void;
  isActive(): boolean;
};

/** One client's place in the feed. `snapshot` is the whole state as of `feed.lastSeq()`. */
export const createSubscriber = (
  feed: Pick<Feed, 'lastSeq' | 'eventsAfter'>,
  snapshot: () => unknown,
  writer: BoundedWriter,
): Subscriber => {
  /** Number of the newest event that was sent; null without a subscription. */
  let sent: number | null = null;

  const begin = (after: number | null): [Subscription, NumberedEvent[]] => {
    const last = feed.lastSeq();
    // A number we never gave out came from an instance before this one: its client must start anew.
    const missed = after === null || after > last ? null : feed.eventsAfter(after);
    if (missed === null || after === null)
      return [{ resumed: false, seq: last, snapshot: snapshot() ?? null }, []];
    return [{ resumed: true, seq: after, snapshot: null }, missed];
  };
  return {
    isActive: () => sent !== null,
    start(id, after) {
      const [subscription, missed] = begin(after);
      sent = missed.at(-1)?.seq ?? subscription.seq;
      writer.send(encodeLine({ id, result: subscription }) + eventLines(missed), true);
    },
    deliver(events, lines) {
      const last = events.at(-1)?.seq;
      if (sent === null || last === undefined || last <= sent) return;
      const known = sent;
      sent = last;
      const isAllNew = (events[0]?.seq ?? 0) > known;
      writer.send(isAllNew ? lines : eventLines(events.filter(({ seq }) => seq > known)));
    },
  };
};
