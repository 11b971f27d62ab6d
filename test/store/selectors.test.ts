import { describe, expect, test } from 'vitest';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { accountStates, asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import {
  endedBadly,
  heldRequests,
  indexOfSeq,
  requestsPerMinute,
  serves,
} from '../../source/store/selectors.ts';
import { rowLimit, type State } from '../../source/store/state.ts';
import { finished, finishedRequest, started } from './samples.ts';

const fold = (events: ProxyEvent[]): State => applyEvents(initialState(asEpoch(0)), events, priceOf);
test('only accounts that are ready or serving take requests', () => {
  expect(accountStates.filter(serves)).toEqual(['ready', 'serving']);
});

test('an error is what ended badly, not what its client gave up and not what still runs', () => {
  const ended = (['ok', 'error', 'truncated', 'aborted', 'rejected'] as const).map((outcome, n) =>
    fold([started(n), { type: 'requestFinished', at: asEpoch(9), request: finishedRequest(n, { outcome }) }]),
  );
  expect(ended.flatMap(({ rows }) => rows).map(endedBadly)).toEqual([false, true, true, false, true]);
  expect(fold([started(1)]).rows.map(endedBadly)).toEqual([false]);
});

describe('requests per minute', () => {
  const endedAt = (n: number, at: number): ProxyEvent => ({
    type: 'requestFinished',
    at: asEpoch(at),
    request: finishedRequest(n, { at: asEpoch(at) }),
  });

  test('are those that arrived within the last minute, live or finished', () => {
    const now = 1_795_000_000_000;
    const state = fold([
      endedAt(1, now - 60_001),
      endedAt(2, now - 60_000),
      endedAt(3, now - 59_999),
      started(0),
    ]);
    expect(requestsPerMinute(state, asEpoch(now))).toBe(2);
    expect(requestsPerMinute(fold([]), asEpoch(now))).toBe(0);
  });

  test('are scaled up when the rows that are kept do not reach back a minute', () => {
    const stepMs = 10;
    const count = 7000;
    const events = Array.from({ length: count }, (_, n) => endedAt(n, n * stepMs));
    const now = asEpoch((count - 1) * stepMs);
    expect(requestsPerMinute(fold(events), now)).toBeCloseTo(60_000 / stepMs, -2);
  });

  test('do not jump when the first row makes room', () => {
    const now = asEpoch(1_795_000_000_000 + rowLimit);
    const events = Array.from({ length: rowLimit + 1 }, (_, n) => finished(n));
    expect(requestsPerMinute(fold(events.slice(1)), now)).toBe(rowLimit);
    expect(requestsPerMinute(fold(events), now)).toBe(rowLimit + 1);
  });
});

test('where nothing is in flight nothing is held', () => {
  expect(heldRequests(fold([finished(1)]))).toEqual([]);
});

describe('the place of a number', () => {
  const items = [3, 4, 7, 9].map((seq) => ({ seq }));

  test.each([
    [3, 0],
    [4, 1],
    [9, 3],
  ])('%d is at %d', (seq, index) => {
    expect(indexOfSeq(items, seq)).toBe(index);
  });

  test('that is gone is that of the next newer one, and of the last where none is newer', () => {
    expect([0, 5, 8, 10].map((seq) => indexOfSeq(items, seq))).toEqual([0, 2, 3, 3]);
    expect(indexOfSeq([], 1)).toBe(-1);
  });
});
