import { describe, expect, test } from 'vitest';
import { holdTime, paceTime, patience } from '../../source/balancer/hold-time.ts';

describe('how long a client will still wait', () => {
  test.each([
    [undefined, 0, Infinity],
    ['600', 0, 570_000],
    ['600', 5000, 565_000],
    ['600.5', 0, 570_500],
    ['31', 0, 1000],
    ['30', 0, 0],
    ['0', 0, 0],
    ['60', 45_000, 0],
    ['', 0, Infinity],
    ['-5', 0, Infinity],
    ['None', 0, Infinity],
    ['1e9', 0, Infinity],
    ['9999999999', 0, Infinity],
  ])('that states %s, after %i ms: %d ms', (stated, elapsed, expected) => {
    expect(patience(stated, elapsed)).toBe(expected);
  });
});

test.each([
  [0, Infinity, 0],
  [90_000, Infinity, 90_000],
  [90_000, 20_000, 20_000],
  [90_000, 0, 0],
  [500_000, Infinity, 240_000],
])('with holdMs %i and %d ms of patience a request is held for %i ms', (holdMs, left, expected) => {
  expect(holdTime(holdMs, left)).toBe(expected);
});

test.each([
  [Infinity, 10_000],
  [3000, 3000],
  [0, 0],
])('with %d ms of patience it waits %i ms for a breath at most', (left, expected) => {
  expect(paceTime(left)).toBe(expected);
});
