import { expect, test } from 'vitest';
import { createBacklog } from '../../source/history/backlog.ts';

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
