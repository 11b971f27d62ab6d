import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asDuration, asEpoch } from '../../../source/shared/types.ts';
import { minuteCounts, rateChangesIn, recentErrors, sparkline } from '../../../source/ui/panes/rate.ts';
import { doneRow, later, liveRow, now } from '../sample.ts';

const minute = 60_000;
/** The sample's time is 5 s past the minute. */
const at = (...ages: number[]) => ages.map((age, index) => doneRow(index + 1, { at: later(-age) }));
const longAgo = asEpoch(now - 3_600_000);

describe('rateChangesIn', () => {
  it('is the time until the oldest counted request is a minute old', () => {
    expect(rateChangesIn(at(90_000, 45_000, 10), now)).toBe(15_000);
    expect(rateChangesIn(at(90_000), now)).toBe(Infinity);
  });
});

describe('minuteCounts', () => {
  it('counts by the minutes of the clock, and the last sixty seconds instead of the one that runs', () => {
    const rows = at(200_000, 65_000, 64_999, 5001, 5000, 10);
    expect(minuteCounts({ rows, seen: 6, startedAt: longAgo }, now, 4)).toEqual([0, 0, 3, 3]);
  });

  it('says nothing of the time before the instance ran', () => {
    expect(minuteCounts({ rows: [], seen: 0, startedAt: later(-70_000) }, now, 4)).toEqual([null, 0, 0, 0]);
  });

  it('says nothing of minutes of which rows are gone', () => {
    const rows = at(70_000, 60_000, 10);
    expect(minuteCounts({ rows, seen: 50, startedAt: longAgo }, now, 4)).toEqual([null, null, 1, 1]);
    // A request that runs for long stays; it does not tell how far back the others reach.
    const old = [liveRow(1, { at: later(-170_000) }), ...rows];
    expect(minuteCounts({ rows: old, seen: 50, startedAt: longAgo }, now, 4)).toEqual([null, null, 1, 1]);
  });
});

describe('sparkline', () => {
  const sparks = '.:-=+*#@';
  it.each([
    [[0, 0, 0], '...'],
    [[0, 1, 2, 4, 8], '.:-+@'],
    [[null, null, 1, 1000], '  :@'],
    [[], ''],
  ])('%j is %j', (counts, bars) => {
    expect(sparkline(counts, sparks)).toBe(bars);
  });

  it('has one bar for each minute, and the lowest one only for nothing', () => {
    const counts = fc.array(fc.option(fc.nat(5000)), { maxLength: 20 });
    fc.assert(
      fc.property(counts, (list) => {
        const bars = Array.from(sparkline(list, sparks));
        expect(bars.map((bar) => (bar === ' ' ? null : bar === '.'))).toEqual(
          list.map((count) => (count === null ? null : count === 0)),
        );
      }),
    );
  });
});

describe('recentErrors', () => {
  const failed = (seq: number, age: number, part = {}) =>
    doneRow(seq, { at: later(-age), totalMs: asDuration(0), outcome: 'error', ...part });
  const count = (rows: ReturnType<typeof failed>[], seen = rows.length) =>
    recentErrors({ rows, seen, startedAt: longAgo }, now);

  it('counts what ended badly within five minutes, by its end', () => {
    const rows = [
      failed(1, 5 * minute),
      failed(2, 5 * minute, { totalMs: asDuration(1) }),
      failed(3, minute, { outcome: 'truncated' }),
      failed(4, minute, { outcome: 'rejected' }),
      failed(5, minute, { outcome: 'aborted' }),
      failed(6, minute, { outcome: 'ok' }),
    ];
    expect(count(rows)).toEqual({ count: 3, atLeast: false });
  });

  it('says when there may have been more', () => {
    expect(count([failed(1, minute)], 500)).toEqual({ count: 1, atLeast: true });
    expect(count([failed(1, 6 * minute), failed(2, minute)], 500)).toEqual({ count: 1, atLeast: false });
  });
});
