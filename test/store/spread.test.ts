import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countInto, mergeInto, quantile, spreadError, type Spread } from '../../source/store/spread.ts';
import { numRuns } from '../kit/long-run.ts';

const spreadOf = (lengths: readonly number[]): Spread => {
  const spread: Spread = new Map();
  for (const ms of lengths) countInto(spread, ms);
  return spread;
};

/** By the book: the smallest length that at least this share of all does not pass. */
const exact = (lengths: readonly number[], q: number): number =>
  lengths.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * lengths.length) - 1)]!;

const lengths = fc.array(fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat(20_000)), {
  minLength: 1,
  maxLength: 300,
});

test('a quantile is within 2 % of the exact one, or a millisecond', () => {
  expect(spreadError).toBeLessThan(0.02);
  fc.assert(
    fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
      const right = exact(all, q);
      const error = Math.abs((quantile(spreadOf(all), q) ?? Number.NaN) - right);
      expect(error).toBeLessThanOrEqual(Math.max(1, right * spreadError * 1.000001));
    }),
    { numRuns },
  );
});

test('it does not matter in how many parts the lengths were counted', () => {
  fc.assert(
    fc.property(lengths, lengths, (some, others) => {
      const merged = spreadOf(some);
      mergeInto(merged, spreadOf(others));
      expect(merged).toEqual(spreadOf([...some, ...others]));
    }),
  );
});

test('of nothing nothing is known, and what is no length of time is not counted', () => {
  expect(quantile(new Map(), 0.5)).toBeNull();
  expect(quantile(spreadOf([Number.NaN]), 0.5)).toBeNull();
  expect(quantile(spreadOf([-5]), 0.5)).toBe(1);
  expect(quantile(spreadOf([Number.POSITIVE_INFINITY]), 0.5)).toBeCloseTo(1e9, -8);
});

test('a year of lengths takes no more room than there are different ones', () => {
  const spread: Spread = new Map();
  for (let n = 0; n < 200_000; n += 1) countInto(spread, (n * 7919) % 3_600_000);
  expect(spread.size).toBeLessThan(400);
});
