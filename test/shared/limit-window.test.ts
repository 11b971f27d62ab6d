import { describe, expect, test } from 'vitest';
import { isBucket, isFull, isSameReset } from '../../source/shared/limit-window.ts';
import { asEpoch } from '../../source/shared/types.ts';

describe('isBucket', () => {
  test.each(['requests', 'tokens', 'input-tokens', 'output-tokens'])('%s per minute refill', (id) => {
    expect(isBucket({ id, status: null })).toBe(true);
    expect(isBucket({ id, status: 'allowed' })).toBe(false);
  });

  test.each(['5h', '7d', '7d_opus', 'requests-week'])('%s is a window of a plan', (id) => {
    expect(isBucket({ id, status: null })).toBe(false);
  });
});

test.each([
  ['rejected', null, true],
  ['rejected', 0.2, true],
  ['allowed', 1, true],
  [null, 1.1, true],
  ['allowed_warning', 0.999, false],
  [null, null, false],
])('a window that is %s at %d: nothing is left of it: %s', (status, utilization, full) => {
  expect(isFull({ status, utilization })).toBe(full);
});

test('a reset that moves by less than a minute is the same one, and none is not some', () => {
  const at = asEpoch(1_795_000_000_000);
  expect(isSameReset(at, asEpoch(at + 59_999))).toBe(true);
  expect(isSameReset(asEpoch(at + 60_000), at)).toBe(false);
  expect(isSameReset(null, null)).toBe(true);
  expect(isSameReset(null, at)).toBe(false);
});
