import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPaintTimer } from '../../source/ui/paint-timer.ts';
import { asEpoch } from '../../source/shared/types.ts';

const clock = { now: () => asEpoch(Date.now()), monotonic: () => Date.now() };

describe('createPaintTimer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = (nextMs = 60_000) => {
    const painted: number[] = [];
    const zero = Date.now();
    const timer = createPaintTimer(
      clock,
      () => 100,
      () => {
        painted.push(Date.now() - zero);
        return nextMs;
      },
    );
    return { painted, timer };
  };

  it('shows the first change at once and the following ones together', () => {
    const { painted, timer } = start();
    timer.soon();
    vi.advanceTimersByTime(0);
    for (let i = 0; i < 50; i += 1) {
      timer.soon();
      vi.advanceTimersByTime(5);
    }
    vi.advanceTimersByTime(100);
    expect(painted).toEqual([0, 100, 200, 300]);
  });

  it('paints at once when told to, which covers the change that waits', () => {
    const { painted, timer } = start();
    timer.now();
    timer.soon();
    vi.advanceTimersByTime(30);
    timer.now();
    vi.advanceTimersByTime(1000);
    expect(painted).toEqual([0, 30]);
  });

  it('paints again when the clock alone makes the picture wrong', () => {
    const { painted, timer } = start(1000);
    timer.now();
    vi.advanceTimersByTime(3500);
    expect(painted).toEqual([0, 1000, 2000, 3000]);
  });

  it('does nothing after it was stopped', () => {
    const { painted, timer } = start(1000);
    timer.now();
    timer.soon();
    timer.stop();
    timer.soon();
    timer.now();
    vi.advanceTimersByTime(5000);
    expect(painted).toEqual([0]);
  });
});
