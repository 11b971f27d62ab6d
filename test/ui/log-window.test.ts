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

describe('logWindow', () => {
  it('follows the newest without a place', () => {
    expect(logWindow(null, log, 4)).toEqual({ start: 6, selected: 9, following: true, below: 0 });
    expect(logWindow(null, [], 4)).toEqual({ start: 0, selected: -1, following: true, below: 0 });
    expect(logWindow({ selected: 3, top: 1 }, [], 4).selected).toBe(-1);
  });

  it('stands still while new lines arrive, and counts them', () => {
    const place: LogPlace = { selected: 5, top: 4 };
    expect(logWindow(place, log, 4)).toEqual({ start: 3, selected: 4, following: false, below: 5 });
    expect(logWindow(place, lines(1, 400), 4)).toMatchObject({ start: 3, selected: 4, below: 395 });
  });

  it('goes to the oldest line that is left when its own are evicted', () => {
    expect(logWindow({ selected: 5, top: 4 }, lines(100, 599), 4)).toMatchObject({ start: 0, selected: 0 });
  });

  it('keeps the selected line in view in a lower pane', () => {
    const { start, selected } = logWindow({ selected: 5, top: 2 }, log, 1);
    expect(start).toBe(selected);
  });
});

describe('selectLog', () => {
  it('scrolls no further than needed and stops at the oldest', () => {
    expect(selectLog(null, log, 4, 8)).toEqual({ selected: 9, top: 7 });
    expect(selectLog(null, log, 4, 2)).toEqual({ selected: 3, top: 3 });
    expect(selectLog(null, log, 4, -9)).toEqual({ selected: 1, top: 1 });
  });

  it('follows again at the newest', () => {
    expect(selectLog({ selected: 9, top: 7 }, log, 4, 9)).toBeNull();
    expect(selectLog(null, [], 4, 0)).toBeNull();
  });
});
