import { expect, it } from 'vitest';
import { createPace } from '../../source/ui/pace.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

/** What it says each 100 ms while that many requests come in a second. */
const during = (seconds: number, perSecond: number, pace: (seen: number) => number, from = 0) => {
  const said: number[] = [];
  for (let i = 1; i <= seconds * 10; i += 1) {
    clock.advance(100);
    said.push(pace(from + (i * perSecond) / 10));
  }
  return said;
};
let clock = createFakeClock();

it('is ten frames a second with the traffic of people', () => {
  clock = createFakeClock();
  expect(new Set(during(5, 90, createPace(clock)))).toEqual(new Set([100]));
});

it('is four while nobody could read the list, and ten again when that is over', () => {
  clock = createFakeClock();
  const pace = createPace(clock);
  expect(during(3, 500, pace).slice(10)).toEqual(Array.from({ length: 20 }, () => 250));
  expect(during(3, 20, pace, 1500).slice(10)).toEqual(Array.from({ length: 20 }, () => 100));
});

it('takes neither the requests before the screen nor a few at once for a storm', () => {
  clock = createFakeClock();
  const pace = createPace(clock);
  expect(pace(10_000)).toBe(100);
  clock.advance(600);
  expect(pace(10_000)).toBe(100);
  clock.advance(20);
  expect(pace(10_030)).toBe(100);
  clock.advance(500);
  expect(pace(10_030)).toBe(100);
});
