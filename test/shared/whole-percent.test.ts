import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wholePercent } from '../../source/shared/whole-percent.ts';

describe('wholePercent', () => {
  test.each([
    [0, 0],
    [0.29, 29],
    [0.58, 58],
    [0.996, 99],
    [1 - Number.EPSILON, 99],
    [1, 100],
    [1.259, 125],
    [-0.1, 0],
  ])('%d is %d', (share, percent) => {
    expect(wholePercent(share)).toBe(percent);
  });

  test('every whole share is itself, and only a spent one has reached 100', () => {
    fc.assert(fc.property(fc.nat(1000), (percent) => wholePercent(percent / 100) === percent));
    fc.assert(
      fc.property(fc.double({ min: -2, max: 2 }), (share) => wholePercent(share) >= 100 === share >= 1),
    );
  });
});
