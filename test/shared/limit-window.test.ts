import { describe, expect, test } from 'vitest';
import {
  isBucket,
  isExtra,
  isFull,
  isHardStatus,
  isKnownStatus,
  isSameReset,
} from '../../source/shared/limit-window.ts';
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
  ['rate_limited', 0.2, true],
  ['payment_required', null, true],
  ['resting', 0.98, false],
])('a window that is %s at %d: nothing is left of it: %s', (status, utilization, full) => {
  expect(isFull({ status, utilization })).toBe(full);
});

test.each([
  ['allowed', false, true],
  ['allowed_warning', false, true],
  ['queueing_soft', false, true],
  ['rejected', true, true],
  ['rate_limited', true, true],
  ['blocked', true, true],
  ['queueing_hard', true, true],
  ['payment_required', true, true],
  ['resting', false, false],
  ['toString', false, false],
  [null, false, true],
])('the word %s: hard %s, known %s', (word, hard, known) => {
  expect([isHardStatus(word), isKnownStatus(word)]).toEqual([hard, known]);
});

test.each([
  ['overage', true],
  ['overage-period-monthly', true],
  ['grace-5h', true],
  ['overages', false],
  ['5h', false],
  ['7d_oi', false],
])('%s is beyond the plan: %s', (id, extra) => expect(isExtra({ id })).toBe(extra));

test('a reset that moves by less than a minute is the same one, and none is not some', () => {
  const at = asEpoch(1_795_000_000_000);
  expect(isSameReset(at, asEpoch(at + 59_999))).toBe(true);
  expect(isSameReset(asEpoch(at + 60_000), at)).toBe(false);
  expect(isSameReset(null, null)).toBe(true);
  expect(isSameReset(null, at)).toBe(false);
});
