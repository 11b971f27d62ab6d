import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRetry } from '../../source/history/retry.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the pause doubles with each try, up to a minute, and begins anew after a success', () => {
  const tries: number[] = [];
  const retry = createRetry(() => tries.push(Date.now()), 10_000);
  const pause = (): number => {
    const planned = Date.now();
    retry.plan();
    vi.advanceTimersToNextTimer();
    return tries.at(-1)! - planned;
  };
  expect([pause(), pause(), pause(), pause(), pause()]).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  retry.reset();
  expect(pause()).toBe(10_000);
});

test('only one try is planned at a time, and none after it was cancelled', () => {
  let tries = 0;
  const retry = createRetry(() => {
    tries += 1;
  }, 10);
  retry.plan();
  retry.plan();
  expect(retry.isPlanned()).toBe(true);
  vi.runAllTimers();
  expect(tries).toBe(1);
  expect(retry.isPlanned()).toBe(false);
  retry.plan();
  retry.cancel();
  vi.runAllTimers();
  expect(tries).toBe(1);
});
