import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSubscriber, eventLines, type Feed } from '../../source/control/subscription.ts';
import type { NumberedEvent } from '../../source/shared/events.ts';
import { Ring } from '../../source/shared/ring.ts';
import { asEpoch } from '../../source/shared/types.ts';

const numbered = (seq: number): NumberedEvent => ({
  seq,
  event: { type: 'dropped', at: asEpoch(1), count: seq },
});
const range = (from: number, to: number): NumberedEvent[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => numbered(from + index));

/** A feed that keeps the newest ten of `count` events, and one client of it. */
const setUp = (count: number) => {
  const ring = new Ring<number>(10);
  const grow = (by: number): NumberedEvent[] =>
    range(ring.last + 1, ring.last + by).map((event) => {
      ring.push(event.seq);
      return event;
    });
  grow(count);
  const feed: Pick<Feed, 'lastSeq' | 'eventsAfter'> = {
    lastSeq: () => ring.last,
    eventsAfter: (seq) => (seq + 1 < ring.first ? null : ring.after(seq).map(numbered)),
  };
  const sent: unknown[] = [];
  const send = (text: string): void => {
    for (const line of text.split('\n').slice(0, -1)) sent.push(JSON.parse(line));
  };
  const subscriber = createSubscriber(feed, () => ({ total: ring.last }), { send });
  return { grow, sent, subscriber };
};

const seqs = (sent: readonly unknown[]): number[] =>
  sent.flatMap((line) => {
    const { event } = line as { event?: NumberedEvent };
    return event ? [event.seq] : [];
  });

test('without a place to go on from there is a snapshot, then only what is newer', () => {
  const { grow, sent, subscriber } = setUp(25);
  expect(subscriber.isActive()).toBe(false);
  subscriber.deliver(range(24, 25), 'never');
  subscriber.start(7, null);
  expect(sent).toEqual([{ id: 7, result: { resumed: false, seq: 25, snapshot: { total: 25 } } }]);
  const events = grow(2);
  subscriber.deliver(events, eventLines(events));
  expect(seqs(sent)).toEqual([26, 27]);
});

test('a client goes on behind what it saw, while that is kept', () => {
  const { sent, subscriber } = setUp(25);
  subscriber.start(1, 22);
  expect(sent[0]).toEqual({ id: 1, result: { resumed: true, seq: 22, snapshot: null } });
  expect(seqs(sent)).toEqual([23, 24, 25]);
});

test('a place that is no longer kept, or never was, starts anew', () => {
  for (const after of [3, 26, 1e9]) {
    const { sent, subscriber } = setUp(25);
    subscriber.start(1, after);
    expect(sent).toEqual([{ id: 1, result: { resumed: false, seq: 25, snapshot: { total: 25 } } }]);
  }
});

test('every event comes once and in order, whatever overlaps', () => {
  fc.assert(
    fc.property(
      fc.nat(40),
      fc.option(fc.nat(45)),
      fc.array(fc.record({ overlap: fc.nat(5), more: fc.nat(5) })),
      (count, after, batches) => {
        const { grow, sent, subscriber } = setUp(count);
        subscriber.start(1, after);
        const { seq } = (sent[0] as { result: { seq: number } }).result;
        let last = count;
        for (const { overlap, more } of batches) {
          grow(more);
          const events = range(Math.max(1, last + 1 - overlap), last + more);
          subscriber.deliver(events, eventLines(events));
          last += more;
        }
        expect(seqs(sent)).toEqual(range(seq + 1, last).map((event) => event.seq));
      },
    ),
  );
});
