import { describe, expect, it } from 'vitest';
import { rateChangesIn } from '../../../source/ui/panes/rate.ts';
import { doneRow, later, now } from '../sample.ts';

const at = (...ages: number[]) => ages.map((age, index) => doneRow(index + 1, { at: later(-age) }));

describe('rateChangesIn', () => {
  it('is the time until the oldest counted request is a minute old', () => {
    expect(rateChangesIn(at(90_000, 45_000, 10), now)).toBe(15_000);
    expect(rateChangesIn(at(90_000), now)).toBe(Infinity);
  });
});
