import { describe, expect, it } from 'vitest';
import { rateChangesIn, requestsPerMinute } from '../../../source/ui/panes/rate.ts';
import { doneRow, later, now } from '../sample.ts';

const at = (...ages: number[]) => ages.map((age, index) => doneRow(index + 1, { at: later(-age) }));

describe('requestsPerMinute', () => {
  it('counts what arrived in the last minute', () => {
    expect(requestsPerMinute(at(90_000, 60_000, 59_999, 1), 4, now)).toBe(2);
    expect(requestsPerMinute([], 0, now)).toBe(0);
  });

  it('goes by what is kept when that is less than a minute', () => {
    expect(requestsPerMinute(at(6000, 4000, 2000, 0), 5000, now)).toBe(40);
    expect(requestsPerMinute(at(0, 0), 5000, now)).toBe(120);
  });
});

describe('rateChangesIn', () => {
  it('is the time until the oldest counted request is a minute old', () => {
    expect(rateChangesIn(at(90_000, 45_000, 10), now)).toBe(15_000);
    expect(rateChangesIn(at(90_000), now)).toBe(Infinity);
  });
});
