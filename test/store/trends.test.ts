import { describe, expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import {
  forgotten,
  mostReadings,
  noUse,
  recalled,
  served,
  trendsOf,
  windowsSeen,
  withWindows,
  type Trend,
} from '../../source/store/trends.ts';
import { accountId } from './samples.ts';
import { begun, hour, minute, windowAt } from './trend-samples.ts';

const work = accountId('work');
const after = (...windows: Parameters<typeof windowAt>[]): readonly Trend[] => {
  let trends: readonly Trend[] = [];
  for (const window of windows) trends = withWindows(trends, work, [windowAt(...window)], 0);
  return trends;
};
const usedIn = (trends: readonly Trend[]) => trends.map(({ readings }) => readings.map(({ used }) => used));

describe('a trend', () => {
  test('has one reading for each change', () => {
    const trends = after([begun, 0.1], [begun + 1, 0.1], [begun + 2, 0.11], [begun + 3, 0.11]);
    expect(usedIn(trends)).toEqual([[0.1, 0.11]]);
    expect(withWindows(trends, work, [windowAt(begun + 4, 0.11)], 0)).toBe(trends);
  });

  test('begins anew with a reset, or when the server gives something back', () => {
    const resetsAt = asEpoch(begun + 9 * hour);
    expect(usedIn(after([begun, 0.9], [begun + 1, 0.1, { resetsAt }]))).toEqual([[0.1]]);
    expect(usedIn(after([begun, 0.9], [begun + 1, 0.2]))).toEqual([[0.2]]);
  });

  test('goes on where a reset moves by less than a minute, and takes no answer twice or late', () => {
    const resetsAt = asEpoch(begun + 5 * hour + 2000);
    expect(usedIn(after([begun, 0.1], [begun + 9, 0.2, { resetsAt }], [begun + 3, 0.15]))).toEqual([
      [0.1, 0.2],
    ]);
  });

  test('is kept of windows that are used up alone', () => {
    expect(
      after(
        [begun, 0.1, { id: 'requests', status: null }],
        [begun, 0.1, { id: 'overage' }],
        [begun, null],
        [begun, 0.1, { resetsAt: null }],
        [begun, Number.NaN],
      ),
    ).toEqual([]);
  });
});

test('readings are bounded, and the newest are whole', () => {
  let trends: readonly Trend[] = [];
  for (let n = 0; n < 1000; n += 1) {
    trends = withWindows(trends, work, [windowAt(begun + n * minute, n / 1000)], 0);
  }
  const [readings = []] = usedIn(trends);
  expect(readings.length).toBeLessThanOrEqual(mostReadings);
  expect(readings[0]).toBe(0);
  expect(readings.slice(-20)).toEqual(Array.from({ length: 20 }, (_, n) => (980 + n) / 1000));
});

test('trends are bounded', () => {
  let trends: readonly Trend[] = [];
  for (let n = 0; n < 600; n += 1)
    trends = withWindows(trends, work, [windowAt(begun, 0.1, { id: `w${n}` })], 0);
  expect(trends).toHaveLength(500);
});

test('what an account served is summed up, and goes with it', () => {
  let use = served(served(noUse, work, 0.5), work, 0.25);
  use = windowsSeen(use, work, [windowAt(begun, 0.1)]);
  expect(use.servedUsd).toEqual({ [work]: 0.75 });
  expect(use.trends[0]?.readings[0]?.servedUsd).toBe(0.75);
  expect(windowsSeen(use, work, [windowAt(begun + 1, 0.1)])).toBe(use);
  expect(forgotten(use, work)).toEqual(noUse);
});

describe('what was known before a start', () => {
  const older = after([begun, 0.1], [begun + minute, 0.2]);

  test('goes before what was seen since', () => {
    const use = windowsSeen(noUse, work, [windowAt(begun + 2 * minute, 0.3)]);
    expect(usedIn(recalled(use, older).trends)).toEqual([[0.1, 0.2, 0.3]]);
    expect(usedIn(recalled(noUse, older).trends)).toEqual([[0.1, 0.2]]);
  });

  test('is made of what the history has of accounts that there are', () => {
    const snapshot = (at: number, utilization: number, name = 'work') => ({
      ...windowAt(at, utilization),
      at: asEpoch(at),
      accountId: accountId(name),
      window: '5h',
    });
    const trends = trendsOf(
      [snapshot(begun, 0.1), snapshot(begun + 1, 0.2), snapshot(begun + 2, 0.9, 'gone')],
      [{ id: work }],
    );
    expect(usedIn(trends)).toEqual([[0.1, 0.2]]);
    expect(trends[0]?.readings[0]?.servedUsd).toBeNull();
  });

  test('is nothing where the window was reset meanwhile', () => {
    const resetsAt = asEpoch(begun + 20 * hour);
    const use = windowsSeen(noUse, work, [windowAt(begun + 2 * minute, 0.05, { resetsAt })]);
    expect(usedIn(recalled(use, older).trends)).toEqual([[0.05]]);
  });
});
