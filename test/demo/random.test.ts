import { expect, test } from 'vitest';
import { between, randomId, seededRandom } from '../../source/demo/random.ts';

const draw = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

test('the same seed gives the same numbers, another seed others', () => {
  expect(draw(7, 5)).toEqual(draw(7, 5));
  expect(draw(7, 5)).not.toEqual(draw(8, 5));
});

test('numbers are spread over [0, 1)', () => {
  const numbers = draw(1, 10_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const tenths = Array.from({ length: 10 }, (_, n) => numbers.filter((x) => Math.floor(x * 10) === n).length);
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

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
