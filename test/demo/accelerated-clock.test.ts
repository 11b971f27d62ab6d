import { expect, test } from 'vitest';
import { acceleratedClock } from '../../source/demo/accelerated-clock.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

test('starts with the given clock and runs so many times as fast', () => {
  const real = createFakeClock();
  const start = real.now();
  const clock = acceleratedClock(real, 3600);
  expect(clock.now()).toBe(start);
  const before = clock.monotonic();
  real.advance(1000);
  expect(clock.now() - start).toBe(3_600_000);
  expect(clock.monotonic() - before).toBe(3_600_000);
});

test('at normal speed it is the given clock, whatever happens to the wall time', () => {
  const real = createFakeClock();
  const clock = acceleratedClock(real, 1);
  real.setWall(5);
  expect(clock.now()).toBe(5);
});
