import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../source/store/state.ts';
import { logWindow, selectLog, type LogPlace } from '../../source/ui/log-window.ts';
import { now } from './sample.ts';

const lines = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({
    seq: from + i,
    at: now,
    level: 'info',
    text: `line ${from + i}`,
  }));
const log = lines(1, 10);
const four = { height: 4, linesOf: () => 1 };

describe('logWindow', () => {
  it('follows the newest without a place', () => {
    expect(logWindow(null, log, four)).toEqual({ start: 6, selected: 9, following: true, below: 0 });
    expect(logWindow(null, [], four)).toEqual({ start: 0, selected: -1, following: true, below: 0 });
    expect(logWindow({ selected: 3, top: 1 }, [], four).selected).toBe(-1);
  });

  it('stands still while new lines arrive, and counts them', () => {
    const place: LogPlace = { selected: 5, top: 4 };
    expect(logWindow(place, log, four)).toEqual({ start: 3, selected: 4, following: false, below: 5 });
    expect(logWindow(place, lines(1, 400), four)).toMatchObject({ start: 3, selected: 4, below: 395 });
  });

  it('goes to the oldest line that is left when its own are evicted', () => {
    expect(logWindow({ selected: 5, top: 4 }, lines(100, 599), four)).toMatchObject({
      start: 0,
      selected: 0,
    });
  });

  it('keeps the selected line in view in a lower pane', () => {
    const { start, selected } = logWindow({ selected: 5, top: 2 }, log, { ...four, height: 1 });
    expect(start).toBe(selected);
  });
});

describe('selectLog', () => {
  it('scrolls no further than needed and stops at the oldest', () => {
    expect(selectLog(null, log, four, 8)).toEqual({ selected: 9, top: 7 });
    expect(selectLog(null, log, four, 2)).toEqual({ selected: 3, top: 3 });
    expect(selectLog(null, log, four, -9)).toEqual({ selected: 1, top: 1 });
  });

  it('follows again at the newest', () => {
    expect(selectLog({ selected: 9, top: 7 }, log, four, 9)).toBeNull();
    expect(selectLog(null, [], four, 0)).toBeNull();
  });
});

describe('sentences of several lines', () => {
  const heights = array(integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 });

  it('always has the beginning of the selected one in view, and no sentence out of view that fits', () => {
    const inView = (lengths: number[], height: number, selected: number, top: number): void => {
      const entries = lines(1, lengths.length);
      const linesOf = ({ seq }: LogLine): number => lengths[seq - 1] ?? 1;
      const seen = logWindow({ selected, top }, entries, { height, linesOf });
      const sum = (from: number, to: number): number =>
        lengths.slice(from, to).reduce((total, length) => total + length, 0);
      expect(seen.start).toBeLessThanOrEqual(seen.selected);
      expect(sum(seen.start, seen.selected)).toBeLessThan(height);
      // Whole, unless it alone is too long.
      const whole = sum(seen.start, seen.selected + 1) <= height || seen.start === seen.selected;
      expect(whole).toBe(true);
      // Nothing above would have room beside all that is below.
      expect(seen.start === 0 || sum(seen.start - 1, lengths.length) > height).toBe(true);
    };
    const seq = integer({ min: 0, max: 40 });
    assert(property(heights, integer({ min: 1, max: 12 }), seq, seq, inView), { numRuns: 2000 });
  });
});
