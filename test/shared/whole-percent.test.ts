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
    const percents = fc.property(fc.nat(1000), (percent) => {
      expect(wholePercent(percent / 100)).toBe(percent);
    });
    const shares = fc.property(fc.double({ min: -2, max: 2, noNaN: true }), (share) => {
      expect(wholePercent(share) >= 100).toBe(share >= 1);
    });
    for (const promise of [percents, shares]) fc.assert(promise);
  });
});
