import { expect, test } from 'vitest';
import { holdEvents } from '../source/hold-events.ts';
import type { ProxyEvent } from '../source/shared/events.ts';
import { asEpoch } from '../source/shared/types.ts';

const event = (at: number): ProxyEvent => ({ type: 'historyChanged', at: asEpoch(at), ok: true });

test('what is told while nobody listens comes later, once, in its order, before what is told then', () => {
  const heard: number[][] = [];
  const events = holdEvents((batch) => void heard.push(batch.map(({ at }) => at)));
  events.apply([event(1)]);
  events.hold();
  events.apply([event(2), event(3)]);
  events.hold();
  events.apply([event(4)]);
  expect(heard).toEqual([[1]]);
  events.release();
  events.apply([event(5)]);
  expect(heard).toEqual([[1], [2, 3, 4], [5]]);
});

test('nothing is told when nothing has waited', () => {
  const heard: unknown[] = [];
  const events = holdEvents((batch) => void heard.push(batch));
  events.release();
  events.hold();
  events.release();
  expect(heard).toEqual([]);
});
