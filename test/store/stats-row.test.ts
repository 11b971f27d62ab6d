import { expect, test } from 'vitest';
import { asDuration } from '../../source/shared/types.ts';
import { noFigures } from '../../source/store/figures.ts';
import { orderedRows, rankedRows, statsFigures } from '../../source/store/stats-row.ts';
import { emptyTally, tallyRequest, type Tally } from '../../source/store/tally.ts';
import { pricedSample } from './samples.ts';

const tallyOf = (sessions: readonly (string | null)[]): Tally => {
  const tally = emptyTally();
  for (const [n, session] of sessions.entries()) {
    tallyRequest(tally, 'session', pricedSample(n, { session }), 3);
  }
  return tally;
};

test('of nothing the counts are 0 and all else is not known', () => {
  const { requests, errors, retries, failedOver, unpricedRequests, ...rest } = statsFigures(noFigures());
  expect([requests, errors, retries, failedOver, unpricedRequests]).toEqual([0, 0, 0, 0, 0]);
  expect(Object.values(rest).every((value) => value === null)).toBe(true);
});

test('rates are those of the sums', () => {
  const tally = emptyTally();
  const tokens = { input: 10, output: 300, cacheRead: 80, cacheWrite5m: 10, cacheWrite1h: 0 };
  const request = pricedSample(1, { tokens, firstByteMs: asDuration(1000), totalMs: asDuration(4000) });
  tallyRequest(tally, 'all', request, 1);
  const [row] = orderedRows(tally);
  expect(row).toMatchObject({ key: null, cacheHitRate: 0.8, tokensPerSecond: 100 });
  expect(Math.abs((row?.firstByteP50Ms ?? 0) - 1000)).toBeLessThan(20);
  expect(Math.abs((row?.totalP95Ms ?? 0) - 4000)).toBeLessThan(80);
});

test('rows stand with the most requests first, the rest as one', () => {
  const tally = tallyOf(['a', 'b', 'b', 'b', null, null, 'd', 'e']);
  const { rows, others } = rankedRows(tally, 2);
  expect(rows.map(({ key, requests }) => [key, requests])).toEqual([
    ['b', 3],
    [null, 2],
  ]);
  // One that was counted, and two that found no room.
  expect(others?.requests).toBe(3);
  expect(rankedRows(tallyOf(['a']), 2).others).toBeNull();
});

test('days stand in their order', () => {
  const days = ['2026-11-22', '2026-11-20', '2026-11-21'];
  expect(orderedRows(tallyOf(days)).map(({ key }) => key)).toEqual(days.toSorted());
});
