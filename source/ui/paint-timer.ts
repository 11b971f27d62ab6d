import type { Clock } from '../shared/clock.ts';

export type PaintTimer = {
  /** Something changed: paints within `everyMs()`, once for all changes until then. */
  soon(): void;
  /** Paints at once. */
  now(): void;
  stop(): void;
};

/**
 * Decides when to paint: at most every `everyMs()` for changes, and again after the number of ms that `paint` returned,
 * when what it showed is out of date by the clock alone. The timer keeps no process alive.
 */
export const createPaintTimer = (clock: Clock, everyMs: () => number, paint: () => number): PaintTimer => {
  let timer: NodeJS.Timeout | null = null;
  let paintedAt = -Infinity;
  let waiting = false;
  let stopped = false;

  const after = (ms: number): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(now, ms);
    timer.unref();
  };
  const now = (): void => {
    if (stopped) return;
    waiting = false;
    paintedAt = clock.monotonic();
    after(paint());
  };
  const soon = (): void => {
    // Further changes do not put off the paint that is already due.
    if (waiting || stopped) return;
    waiting = true;
    after(Math.max(0, paintedAt + everyMs() - clock.monotonic()));
  };
  const stop = (): void => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
  return { soon, now, stop };
};
