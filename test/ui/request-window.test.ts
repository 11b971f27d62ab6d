import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asDuration } from '../../source/shared/types.ts';
import type { RequestRow } from '../../source/store/state.ts';
import { blockHeight, passedOver, requestWindow, selectRequest } from '../../source/ui/request-window.ts';
import { firstView, type View } from '../../source/ui/view.ts';
import { doneRow, liveRow } from './sample.ts';

const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => doneRow(from + i));
const failure = { account: 'x', status: 429, verdict: 'limited', window: null, ms: asDuration(9) };
/** Requests with that many lines each. */
const blocks = (...heights: number[]): RequestRow[] =>
  heights.map((height, index) =>
    doneRow(index + 1, { attempts: Array.from({ length: height - 1 }, () => failure) }),
  );
const at = (request: View['request']): View => ({ ...firstView, request });

describe('requestWindow', () => {
  it('ends with the newest row while it follows', () => {
    expect(requestWindow(at(null), rows(1, 10), 4)).toMatchObject({
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

describe('passedOver', () => {
  const last = { account: 'work', status: 200, verdict: 'forwarded', window: null, ms: asDuration(9) };

  it('is every attempt but the one that the request itself tells', () => {
    expect(passedOver(doneRow(1, { attempts: [failure, last] }))).toEqual([failure]);
    expect(passedOver(doneRow(1, { attempts: [] }))).toEqual([]);
    expect(passedOver(liveRow(1, { failures: [failure] }))).toEqual([failure]);
    expect(passedOver(liveRow(1, { failures: [failure], account: 'x' }))).toEqual([]);
    // The client left while the next account was asked.
    expect(passedOver(doneRow(1, { attempts: [failure], outcome: 'aborted', status: null }))).toEqual([
      failure,
    ]);
  });
});

describe('requests with several lines', () => {
  it('cuts the oldest one at the upper edge while it follows', () => {
    expect(requestWindow(at(null), blocks(1, 3, 2, 1), 5)).toMatchObject({ start: 1, hidden: 1 });
    expect(requestWindow(at(null), blocks(1, 3), 5)).toMatchObject({ start: 0, hidden: 0 });
    expect(requestWindow(at(null), blocks(9), 5)).toMatchObject({ start: 0, hidden: 4 });
  });

  it('does not move when the selection leaves the newest one', () => {
    const list = blocks(1, 3, 2, 1);
    const place = selectRequest(at(null), list, 5, 2);
    expect(place).toEqual({ selected: 3, top: 2, hidden: 1 });
    expect(requestWindow(at(place), list, 5)).toMatchObject({ start: 1, hidden: 1, selected: 2 });
  });

  it('shows the whole of the one that is selected', () => {
    const list = blocks(1, 3, 2, 1);
    expect(selectRequest(at({ selected: 3, top: 2, hidden: 1 }), list, 5, 1)).toEqual({
      selected: 2,
      top: 2,
    });
    expect(selectRequest(at({ selected: 2, top: 2 }), blocks(1, 3, 4, 1), 5, 2)).toEqual({
      selected: 3,
      top: 2,
      hidden: 2,
    });
  });

  it('shows the last line of the topmost one where it got shorter than what was hidden of it', () => {
    const place = at({ selected: 2, top: 1, hidden: 1 });
    expect(requestWindow(place, blocks(1, 2, 1), 3)).toMatchObject({ start: 0, hidden: 0, count: 2 });
    expect(requestWindow(place, blocks(2, 2, 1), 3)).toMatchObject({ start: 0, hidden: 1, count: 2 });
  });

  it('begins at the first of a list that is in another order, and knows the place of one that went away', () => {
    const sort = { by: 'total', reversed: false };
    const sorted = (request: View['request']): View => ({
      ...firstView,
      request,
      list: { ...firstView.list, sort },
    });
    const list = [4, 2, 9, 7, 1].map((seq) => doneRow(seq));
    const first = { start: 0, selected: 0, following: true, count: 3, below: 0 };
    expect(requestWindow(sorted(null), list, 3)).toMatchObject(first);
    expect(requestWindow(sorted(null), [], 3)).toMatchObject({ start: 0, selected: -1, count: 0 });
    const place = selectRequest(sorted(null), list, 3, 3);
    expect(place).toEqual({ selected: 7, top: 2, index: 3 });
    expect(selectRequest(sorted(place), list, 3, 0)).toBeNull();
    expect(requestWindow(sorted(place), list, 3)).toMatchObject({ start: 1, selected: 3, below: 0 });
    // It stays on the same request wherever that goes, and on the next one when it is gone.
    expect(requestWindow(sorted(place), list.toReversed(), 3)).toMatchObject({ selected: 1 });
    const without = list.filter(({ seq }) => seq !== 7);
    expect(requestWindow(sorted(place), without, 3)).toMatchObject({ selected: 3 });
    expect(requestWindow(sorted(place), without.slice(0, 2), 3)).toMatchObject({ selected: 1, start: 0 });
  });

  it('counts what came above the selected one where the newest is first', () => {
    const list = { ...firstView.list, sort: { by: 'time', reversed: true } };
    const view = { ...firstView, list, request: { selected: 7, top: 7, index: 0 } };
    expect(requestWindow(view, rows(1, 10).toReversed(), 4)).toMatchObject({ selected: 3, below: 3 });
  });

  it('always has the end of the selected one in view, and no line empty that could be filled', () => {
    const heights = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 });
    const seq = fc.nat(32);
    fc.assert(
      fc.property(
        heights,
        seq,
        seq,
        fc.nat(6),
        fc.integer({ min: 1, max: 12 }),
        (list, a, b, hidden, height) => {
          const rows = blocks(...list);
          const view = at({ selected: a, top: b, hidden });
          const window = requestWindow(view, rows, height);
          const lines = (from: number, to: number): number =>
            rows.slice(from, to).reduce((sum, row) => sum + blockHeight(row), 0);
          expect(window.hidden).toBeLessThan(blockHeight(rows[window.start]));
          const shown = lines(window.start, window.start + window.count) - window.hidden;
          expect(shown).toBeGreaterThanOrEqual(Math.min(height, lines(0, rows.length)));
          expect(shown - blockHeight(rows[window.start + window.count - 1])).toBeLessThan(height);
          const end = lines(window.start, window.selected + 1) - window.hidden;
          const block = blockHeight(rows[window.selected]);
          expect(end).toBeGreaterThanOrEqual(Math.min(block, height));
          expect(end).toBeLessThanOrEqual(height);
          const filled = lines(window.start, rows.length) - window.hidden;
          expect(filled).toBeGreaterThanOrEqual(Math.min(height, lines(0, rows.length)));
          // Looking again from where it stands moves nothing.
          const top = rows[window.start]?.seq ?? 0;
          const again = requestWindow(at({ selected: a, top, hidden: window.hidden }), rows, height);
          expect(again).toEqual(window);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
