import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTimeLimit } from '../../source/proxy/time-limit.ts';

// Time itself is what is tested here: the clock and the timers of this process are replaced together.
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.advanceTimersByTime(100_000);
  // Before the clock: what was put before it would stay behind.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** More than one tick: a limit may be that late. */
const tick = 30;

describe('a time limit', () => {
  test('calls back once, not before its time and at most a tick after it', () => {
    let calls = 0;
    startTimeLimit(500, () => {
      calls += 1;
    });
    vi.advanceTimersByTime(499);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1 + tick);
    expect(calls).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(calls).toBe(1);
  });

  test('starts over when it is refreshed', () => {
    let calls = 0;
    const limit = startTimeLimit(200, () => {
      calls += 1;
    });
    for (let n = 0; n < 10; n += 1) {
      vi.advanceTimersByTime(150);
      limit.refresh();
    }
    expect(calls).toBe(0);
    vi.advanceTimersByTime(200 + 2 * tick);
    expect(calls).toBe(1);
  });

  test('that was stopped never calls back, however often it is stopped', () => {
    let calls = 0;
    const limit = startTimeLimit(100, () => {
      calls += 1;
    });
    limit.stop();
    limit.stop();
    vi.advanceTimersByTime(1000);
    expect(calls).toBe(0);
  });

  test('waits longer than a timer of node can', () => {
    const month = 30 * 86_400_000;
    let calls = 0;
    const limit = startTimeLimit(month, () => {
      calls += 1;
    });
    vi.advanceTimersByTime(60_000);
    expect(calls).toBe(0);
    limit.stop();
  });

  test.each([0, -5, -Infinity, Number.NaN])('of %d is over at once, and once', (ms) => {
    let calls = 0;
    startTimeLimit(ms, () => {
      calls += 1;
    });
    vi.advanceTimersByTime(2 * tick);
    expect(calls).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect([calls, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test('that never ends turns in no circles: one look each tick, whatever its length', () => {
    let calls = 0;
    const lengths = [2 ** 31, 2 ** 31 + 1, 2 ** 53, Infinity];
    const limits = lengths.map((ms) =>
      startTimeLimit(ms, () => {
        calls += 1;
      }),
    );
    const looks = vi.spyOn(limits[0]!, 'check');
    vi.advanceTimersByTime(5000);
    expect(calls).toBe(0);
    expect(looks.mock.calls.length).toBeLessThanOrEqual(200);
    for (const limit of limits) limit.stop();
  });

  test('does not disturb the others, whichever end and in whatever order', () => {
    const ended: number[] = [];
    const limits = [300, 100, 200, 400].map((ms, n) => startTimeLimit(ms, () => ended.push(n)));
    limits[2]?.stop();
    vi.advanceTimersByTime(1000);
    expect(ended).toEqual([1, 0, 3]);
  });

  test('may start another one when it ends', () => {
    const ended: string[] = [];
    startTimeLimit(100, () => {
      ended.push('first');
      startTimeLimit(100, () => ended.push('second'));
    });
    vi.advanceTimersByTime(400);
    expect(ended).toEqual(['first', 'second']);
  });

  /** Lets this process stand still for so long at its next tick. */
  const standing = () => {
    const { now } = performance;
    let stood = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + stood);
    return (ms: number): void => {
      stood += ms;
    };
  };

  test('does not count the time in which this process stood still: what came meanwhile is not read yet', () => {
    const keep = standing();
    let calls = 0;
    startTimeLimit(300, () => {
      calls += 1;
    });
    vi.advanceTimersByTime(200);
    keep(8 * 3_600_000);
    vi.advanceTimersByTime(60);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(40 + 2 * tick);
    expect(calls).toBe(1);
  });

  test('that ends while this process is kept hears first what came meanwhile, which is read behind the timers', () => {
    const keep = standing();
    let calls = 0;
    const limit = startTimeLimit(300, () => {
      calls += 1;
    });
    vi.advanceTimersByTime(250);
    keep(400);
    vi.advanceTimersByTime(tick);
    expect(calls).toBe(0);
    limit.refresh();
    vi.advanceTimersByTime(299);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(2 * tick);
    expect(calls).toBe(1);
  });

  test('ends at the second tick at the latest in a process that is kept again and again', () => {
    const keep = standing();
    let calls = 0;
    startTimeLimit(100, () => {
      calls += 1;
    });
    for (let n = 0; n < 3; n += 1) {
      keep(200);
      vi.advanceTimersByTime(tick - 5);
    }
    expect(calls).toBe(1);
  });

  test('leaves no timer behind when all have ended', () => {
    startTimeLimit(50, () => {}).stop();
    startTimeLimit(50, () => {});
    vi.advanceTimersByTime(200);
    expect(vi.getTimerCount()).toBe(0);
  });
});
