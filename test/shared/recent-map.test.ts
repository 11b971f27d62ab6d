import { expect, test } from 'vitest';
import { RecentMap } from '../../source/shared/recent-map.ts';

test('keeps the newest entries, and setting one again makes it new', () => {
  const map = new RecentMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4]);
});

test('forgets what a test picks, and nothing else', () => {
  const map = new RecentMap<number>(9);
  for (const [key, value] of Object.entries({ a: 1, b: 2, c: 3 })) map.set(key, value);
  map.forget((value, key) => value === 1 || key === 'c');
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([undefined, 2, undefined]);
});
