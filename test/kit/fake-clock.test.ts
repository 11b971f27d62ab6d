import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

test('stands still until it is told to move', () => {
  const clock = createFakeClock(1000);
  const monotonic = clock.monotonic();
  expect([clock.now(), clock.now()]).toEqual([1000, 1000]);
  clock.advance(250);
  expect([clock.now(), clock.monotonic() - monotonic]).toEqual([1250, 250]);
  clock.setWall(5);
  expect([clock.now(), clock.monotonic() - monotonic]).toEqual([5, 250]);
});
