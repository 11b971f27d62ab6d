import { expect, test } from 'vitest';
import { watchClock } from '../../source/balancer/clock-watch.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const hour = 3_600_000;

test('tells once by how much the wall clock was set back', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  clock.advance(5000);
  clock.setWall(clock.now() - 2 * hour);
  expect([watch.setBackBy(), watch.setBackBy()]).toEqual([2 * hour, 0]);
  clock.advance(1000);
  expect(watch.setBackBy()).toBe(0);
});

test('time that goes by, a sleep of the machine and a clock set forward are nothing', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  clock.advance(8 * hour);
  expect(watch.setBackBy()).toBe(0);
  clock.setWall(clock.now() + 8 * hour);
  expect(watch.setBackBy()).toBe(0);
});

test('what was set forward and is set back again counts in full', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  clock.setWall(clock.now() + 8 * hour);
  watch.setBackBy();
  clock.setWall(clock.now() - 8 * hour);
  expect(watch.setBackBy()).toBe(8 * hour);
});

test('a drift is told when it has come to a second, not before and not never', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  let told = 0;
  for (let n = 0; n < 25; n += 1) {
    clock.advance(1000);
    clock.setWall(clock.now() - 100);
    told += watch.setBackBy();
  }
  expect(told).toBe(2000);
});
