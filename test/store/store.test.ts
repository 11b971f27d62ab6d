import { expect, test } from 'vitest';
import type { NumberedEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import { createStore, feedLimit, type Store } from '../../source/store/store.ts';
import { finished, logged, started } from './samples.ts';

const storeAt = (now: number): Store =>
  createStore({ clock: { now: () => asEpoch(now), monotonic: () => 0 }, price: priceOf });

test('the state is the fold of what was applied, and listeners hear of each change once', () => {
  const store = storeAt(1000);
  let changes = 0;
  const end = store.subscribe(() => {
    changes += 1;
  });
  store.apply([started(1), finished(1)]);
  store.apply([]);
  store.apply([started(2)]);
  end();
  store.apply([started(3)]);
  expect(changes).toBe(2);
  const events = [started(1), finished(1), started(2), started(3)];
  expect(store.state()).toEqual(applyEvents(initialState(asEpoch(1000)), events, priceOf));
});

test('what is said in the log is an event of this moment', () => {
  const store = storeAt(1000);
  const events: NumberedEvent[] = [];
  store.feed.onEvents((batch) => events.push(...batch));
  store.log('warning', 'the disk is full');
  expect(events.map(({ event }) => event)).toEqual([
    { type: 'logged', at: 1000, level: 'warning', text: 'the disk is full' },
  ]);
});

test('every event gets the next number, and listeners of the feed get whole batches', () => {
  const store = storeAt(1000);
  const { feed } = store;
  const before = feed.lastSeq();
  const batches: (readonly NumberedEvent[])[] = [];
  const end = feed.onEvents((events) => batches.push(events));
  store.apply([started(1), started(2)]);
  store.apply([finished(1)]);
  end();
  store.apply([finished(2)]);
  expect(batches).toEqual([
    [
      { seq: before + 1, event: started(1) },
      { seq: before + 2, event: started(2) },
    ],
    [{ seq: before + 3, event: finished(1) }],
  ]);
  expect(feed.lastSeq()).toBe(before + 4);
});

test('a client that missed events gets exactly those', () => {
  const store = storeAt(1000);
  const start = store.feed.lastSeq();
  store.apply([logged('a'), logged('b'), logged('c')]);
  expect(store.feed.eventsAfter(start)?.map(({ event }) => event)).toEqual(['a', 'b', 'c'].map(logged));
  expect(store.feed.eventsAfter(start + 2)).toEqual([{ seq: start + 3, event: logged('c') }]);
  expect(store.feed.eventsAfter(start + 3)).toEqual([]);
});

test('a client that missed more than is kept, or asks for numbers never given, must start anew', () => {
  const store = storeAt(1000);
  const start = store.feed.lastSeq();
  for (let n = 0; n < feedLimit + 1; n += 1) store.apply([logged(`${n}`)]);
  expect(store.feed.eventsAfter(start)).toBeNull();
  expect(store.feed.eventsAfter(start + 1)).toHaveLength(feedLimit);
  expect(store.feed.eventsAfter(store.feed.lastSeq() + 1)).toBeNull();
  expect(store.feed.eventsAfter(0)).toBeNull();
});

test('the numbers of a later instance are not those of an earlier one', () => {
  const now = Date.now();
  const earlier = storeAt(now);
  for (let n = 0; n < 500; n += 1) earlier.apply([logged('before')]);
  const later = storeAt(now + 1);
  later.apply([logged('after')]);
  expect(later.feed.eventsAfter(earlier.feed.lastSeq())).toBeNull();
  expect(Number.isSafeInteger(later.feed.lastSeq())).toBe(true);
});

test('a listener that ends itself does not keep the others from hearing', () => {
  const store = storeAt(1000);
  const heard: string[] = [];
  const end = store.subscribe(() => {
    heard.push('first');
    end();
  });
  store.subscribe(() => heard.push('second'));
  store.apply([started(1)]);
  store.apply([started(2)]);
  expect(heard).toEqual(['first', 'second', 'second']);
});
