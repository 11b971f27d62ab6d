import { describe, expect, it } from 'vitest';
import { requestWindow, selectRequest, shownRows } from '../../source/ui/request-window.ts';
import { firstView, type View } from '../../source/ui/view.ts';
import { doneRow, emptyState } from './sample.ts';

const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => doneRow(from + i));
const at = (request: View['request']): View => ({ ...firstView, request });

describe('shownRows', () => {
  it('is the live list until it is frozen', () => {
    const live = { ...emptyState, rows: rows(1, 3), seen: 3 };
    const frozen = { rows: rows(1, 1), seen: 1 };
    expect(shownRows(firstView, live).rows).toBe(live.rows);
    expect(shownRows({ ...firstView, frozen }, live)).toBe(frozen);
  });
});

describe('requestWindow', () => {
  it('ends with the newest row while it follows', () => {
    expect(requestWindow(at(null), rows(1, 10), 4)).toEqual({
      start: 6,
      selected: 9,
      following: true,
      below: 0,
    });
    expect(requestWindow(at(null), [], 4)).toMatchObject({ start: 0, selected: -1, following: true });
  });

  it('finds its place by seq when older rows are gone', () => {
    const place = at({ selected: 7, top: 6 });
    expect(requestWindow(place, rows(5, 60), 4)).toMatchObject({ start: 1, selected: 2, below: 53 });
    expect(requestWindow(place, rows(100, 120), 4)).toMatchObject({ start: 0, selected: 0, below: 20 });
  });
});

describe('selectRequest', () => {
  it('scrolls no further than needed and follows from the last row on', () => {
    const list = rows(1, 10);
    expect(selectRequest(at(null), list, 4, 8)).toEqual({ selected: 9, top: 7 });
    expect(selectRequest(at({ selected: 9, top: 7 }), list, 4, 2)).toEqual({ selected: 3, top: 3 });
    expect(selectRequest(at(null), list, 4, -5)).toEqual({ selected: 1, top: 1 });
    expect(selectRequest(at(null), list, 4, 9)).toBeNull();
    expect(selectRequest(at(null), [], 4, 0)).toBeNull();
  });
});
