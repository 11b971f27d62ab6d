import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBacklog } from '../../source/history/backlog.ts';
import { runningTime } from '../kit/running-time.ts';

test('items come out in their order and stay until they are dropped', () => {
  const backlog = createBacklog<number>(10);
  backlog.add([1, 2]);
  backlog.add([3]);
  expect(backlog.oldest(2)).toEqual([1, 2]);
  expect(backlog.oldest(2)).toEqual([1, 2]);
  backlog.drop(2);
  expect(backlog.oldest(9)).toEqual([3]);
  expect(backlog.size()).toBe(1);
  expect(backlog.lost()).toBe(0);
});

test('beyond the limit the oldest are lost and counted', () => {
  const backlog = createBacklog<number>(3);
  backlog.add([1, 2, 3, 4, 5]);
  backlog.add([6]);
  expect(backlog.oldest(9)).toEqual([4, 5, 6]);
  expect(backlog.lost()).toBe(3);
});

test('whatever is added, taken and dropped, the newest that were not dropped are there', () => {
  const step = fc.oneof(fc.record({ add: fc.nat({ max: 12 }) }), fc.record({ drop: fc.nat({ max: 12 }) }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 40 }), (limit, steps) => {
      const backlog = createBacklog<number>(limit);
      let [kept, lost, next] = [[] as number[], 0, 0];
      for (const one of steps) {
        if ('drop' in one) {
          backlog.drop(one.drop);
          kept = kept.slice(one.drop);
        } else {
          const more = Array.from({ length: one.add }, () => next++);
          backlog.add(more);
          lost += Math.max(0, kept.length + more.length - limit);
          kept = [...kept, ...more].slice(-limit);
        }
        expect(backlog.oldest(100)).toEqual(kept);
        expect(backlog.oldest(2)).toEqual(kept.slice(0, 2));
        expect([backlog.size(), backlog.lost()]).toEqual([kept.length, lost]);
      }
    }),
  );
});

test('an item that crowds out another costs no more because many wait', () => {
  const many = 100_000;
  const backlog = createBacklog<number>(many);
  backlog.add(Array.from({ length: many }, (_, n) => n));
  const elapsed = runningTime();
  for (let n = 0; n < many; n += 1) backlog.add([n]);
  expect(elapsed()).toBeLessThan(1000);
  expect(backlog.lost()).toBe(many);
});
