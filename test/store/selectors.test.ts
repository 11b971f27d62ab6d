import { describe, expect, test } from 'vitest';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch, type AccountStateName, type LimitWindow } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import { newestRows, nextAccount, readyAccounts, requestsPerMinute } from '../../source/store/selectors.ts';
import { rowLimit, type State } from '../../source/store/state.ts';
import { accountView, finished, finishedRequest, started } from './samples.ts';

const fold = (events: ProxyEvent[]): State => applyEvents(initialState(asEpoch(0)), events, priceOf);
const used = (utilization: number | null, id = '5h'): LimitWindow => ({
  id,
  scope: null,
  utilization,
  status: 'allowed',
  resetsAt: null,
  source: 'header',
  seenAt: asEpoch(0),
});

test('only accounts that are ready or serving count as ready', () => {
  const states: AccountStateName[] = ['ready', 'serving', 'limited', 'paused', 'error', 'needs-login'];
  const accounts = states.map((state) => accountView(state, { state }));
  expect(readyAccounts({ accounts }).map(({ name }) => name)).toEqual(['ready', 'serving']);
});

describe('the next account', () => {
  test('is the least used one of the first priority that has a ready one', () => {
    const accounts = [
      accountView('first', { priority: 1, state: 'limited' }),
      accountView('full', { windows: [used(0.1), used(0.9, '7d')] }),
      accountView('fresh', { windows: [used(0.3), used(null, '7d')] }),
      accountView('later', { priority: 300 }),
    ];
    expect(nextAccount({ accounts })?.name).toBe('fresh');
  });

  test('is the idlest, then the longest unused, among equally used ones', () => {
    const accounts = [
      accountView('busy', { inFlight: 1 }),
      accountView('just-used', { lastUsedAt: asEpoch(9) }),
      accountView('rested', { lastUsedAt: asEpoch(5) }),
    ];
    expect(nextAccount({ accounts })?.name).toBe('rested');
  });

  test('is none when none is ready', () => {
    expect(nextAccount({ accounts: [accountView('a', { state: 'error' })] })).toBeNull();
    expect(nextAccount({ accounts: [] })).toBeNull();
  });
});

test('the newest rows come newest last, as many as asked for', () => {
  const state = fold([started(1), started(2), started(3)]);
  expect(newestRows(state, 2).map(({ seq }) => seq)).toEqual([2, 3]);
  expect(newestRows(state, 9)).toHaveLength(3);
  expect(newestRows(state, 0)).toEqual([]);
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
