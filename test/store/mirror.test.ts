import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NumberedEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { createMirror } from '../../source/store/mirror.ts';
import { priceOf, priceWith } from '../../source/store/prices.ts';
import { createStore } from '../../source/store/store.ts';
import { anyEvent, finished, logged, started } from './samples.ts';

const clock = { now: () => asEpoch(1000), monotonic: () => 0 };
const newMirror = () => createMirror({ clock });

/** As the control socket carries it. */
const wire = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

test('from any moment on, a mirror shows the state of its instance, whatever comes twice', () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 60 }),
      fc.nat(60),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 60 }),
      (events, moment, overlaps) => {
        const store = createStore({ clock, price: priceOf });
        const start = store.feed.lastSeq();
        store.apply(events.slice(0, moment));
        const mirror = newMirror();
        expect(mirror.load(wire({ seq: store.feed.lastSeq(), state: store.state() }))).toBe(true);
        store.apply(events.slice(moment));
        const all = store.feed.eventsAfter(start)!;
        for (let at = 0; at < all.length; at += 3) {
          const overlap = overlaps[at % overlaps.length]!;
          mirror.apply(wire(all.slice(Math.max(0, at - overlap), at + 3)));
        }
        expect(mirror.state()).toEqual(wire(store.state()));
        expect(mirror.lastSeq()).toBe(store.feed.lastSeq());
      },
    ),
  );
});

test('nothing happens before the first snapshot', () => {
  const mirror = newMirror();
  let changes = 0;
  mirror.subscribe(() => {
    changes += 1;
  });
  mirror.apply([{ seq: 1, event: started(1) }]);
  expect(mirror.lastSeq()).toBeNull();
  expect(mirror.state().rows).toEqual([]);
  expect(changes).toBe(0);
});

test('listeners hear of a snapshot and of new events, not of known ones', () => {
  const store = createStore({ clock, price: priceOf });
  const mirror = newMirror();
  let changes = 0;
  const end = mirror.subscribe(() => {
    changes += 1;
  });
  mirror.load({ seq: 7, state: store.state() });
  const news: NumberedEvent[] = [
    { seq: 8, event: started(1) },
    { seq: 9, event: finished(1) },
  ];
  mirror.apply(news);
  mirror.apply(news);
  expect(changes).toBe(2);
  end();
  mirror.apply([{ seq: 10, event: logged('more') }]);
  expect(changes).toBe(2);
  expect(mirror.lastSeq()).toBe(10);
});

test('what comes after a snapshot has the prices of the instance it is of', () => {
  const prices = [{ model: 'claude-opus-5-5', input: 1000, output: 0, cacheRead: 0, cacheWrite1h: 0 }];
  const store = createStore({ clock, price: priceWith(prices), prices });
  const mirror = newMirror();
  mirror.load(JSON.parse(JSON.stringify({ seq: 7, state: store.state() })));
  mirror.apply([{ seq: 8, event: finished(1) }]);
  store.apply([finished(1)]);
  expect(store.state().totals.costUsd).toBeCloseTo(1.2, 12);
  expect(mirror.state()).toEqual(store.state());
});

test('an older instance, which tells nothing of the use of windows, is followed all the same', () => {
  const { use: _, ...older } = createStore({ clock, price: priceOf }).state();
  const mirror = newMirror();
  expect(mirror.load({ seq: 7, state: older })).toBe(true);
  mirror.apply([{ seq: 8, event: finished(1) }]);
  expect(mirror.state().totals.requests).toBe(1);
});

test('a gap in the numbers counts as lost events', () => {
  const store = createStore({ clock, price: priceOf });
  const mirror = newMirror();
  mirror.load({ seq: 7, state: store.state() });
  mirror.apply([
    { seq: 9, event: logged('one is missing') },
    { seq: 12, event: logged('two are missing') },
  ]);
  expect(mirror.state().dropped).toBe(3);
  expect(mirror.state().log).toHaveLength(2);
});

test('a snapshot of the wrong outline is refused and changes nothing', () => {
  const { rows: _, ...incomplete } = createStore({ clock, price: priceOf }).state();
  const mirror = newMirror();
  const wrong = [null, 1, 'x', [], {}, { seq: 1 }, { seq: 1, state: [] }, { seq: 1, state: incomplete }];
  for (const value of wrong) expect(mirror.load(value)).toBe(false);
  fc.assert(fc.property(fc.anything(), (value) => !mirror.load(value)));
  expect(mirror.lastSeq()).toBeNull();
});
