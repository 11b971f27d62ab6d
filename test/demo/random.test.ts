import { expect, test } from 'vitest';
import { between, randomId } from '../../source/demo/random.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';

test('ids do not repeat and have the shape of the real ones', () => {
  const random = seededRandom(1);
  const ids = Array.from({ length: 1000 }, () => randomId('msg_01', random));
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^msg_01[1-9A-Za-z]{22}$/);
});

test('a whole number between two comes to the first of them and never to the second', () => {
  const random = seededRandom(1);
  const drawn = new Set(Array.from({ length: 200 }, () => between([3, 6], random)));
  expect(drawn).toEqual(new Set([3, 4, 5]));
  expect(between([3, 3], random)).toBe(3);
});
