import { expect, test } from 'vitest';
import { systemClock } from '../../source/shared/clock.ts';

test('the wall clock is the time of day in milliseconds', () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test('the monotonic clock never goes back', () => {
  const readings = Array.from({ length: 1000 }, () => systemClock.monotonic());
  expect(readings).toEqual(readings.toSorted((a, b) => a - b));
});
