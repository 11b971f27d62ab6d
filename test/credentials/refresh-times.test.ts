import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dueAt,
  paceMs,
  pickDue,
  plausibleEnd,
  refreshBackOffMs,
} from '../../source/credentials/refresh-times.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';

const now = asEpoch(1_790_000_000_000);
const minute = 60_000;

test.each([
  [0, 600_000],
  [1, 720_000],
  [-1, 480_000],
])('with a jitter of %d it is due %d ms before its end', (jitter, before) => {
  expect(dueAt(now, 600_000, jitter)).toBe(now - before);
});

test('the rest doubles from 1 s to 5 min, and heeds the provider within that', () => {
  const rests = Array.from({ length: 12 }, (_, n) => refreshBackOffMs(n + 1, null) / 1000);
  expect(rests).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  expect(refreshBackOffMs(1, 20_000)).toBe(20_000);
  expect(refreshBackOffMs(1, 1e9)).toBe(300_000);
  expect(refreshBackOffMs(Number.MAX_SAFE_INTEGER, 0)).toBe(300_000);
});

describe('of those that are due', () => {
  const token = (endsInMs: number, dueInMs: number) => ({
    expiresAt: asEpoch(now + endsInMs),
    dueAt: asEpoch(now + dueInMs),
    isRetry: false,
  });
  const at = { now, room: 2, startedAt: null };

  test('the one that ends first goes first, one at a time', () => {
    const [later, sooner, notYet] = [token(9 * minute, -1), token(8 * minute, -1), token(2 * minute, 1)];
    expect(pickDue([later, sooner, notYet], at)).toEqual([sooner]);
    expect(pickDue([later, sooner], { ...at, startedAt: asEpoch(now - paceMs + 1) })).toEqual([]);
    expect(pickDue([later, sooner], { ...at, startedAt: asEpoch(now - paceMs) })).toEqual([sooner]);
  });

  test('those that are about to end, or have ended, wait for nothing but room', () => {
    const ended = [token(-minute, -minute), token(0, -1), token(30_000, -1)];
    const paced = { ...at, startedAt: now };
    expect(pickDue([token(9 * minute, -1), ...ended], paced)).toEqual(ended.slice(0, 2));
    expect(pickDue(ended, { ...paced, room: 1 })).toEqual(ended.slice(0, 1));
    expect(pickDue(ended, { ...paced, room: 0 })).toEqual([]);
  });

  test('one that was tried before has rested, and waits for nothing but room either', () => {
    const retried = { ...token(9 * minute, -1), isRetry: true };
    expect(pickDue([token(8 * minute, -1), retried], { ...at, startedAt: now })).toEqual([retried]);
  });

  test('a clock that was set back by hours holds nobody up', () => {
    expect(
      pickDue([token(minute * 5, -1)], { ...at, startedAt: asEpoch(now + 8 * 60 * minute) }),
    ).toHaveLength(1);
  });

  test('never more than there is room for, and never one that is not due', () => {
    const times = fc.integer({ min: -minute, max: 10 * minute });
    fc.assert(
      fc.property(fc.array(fc.tuple(times, times)), fc.nat(2), (drawn, room) => {
        const picked = pickDue(
          drawn.map(([end, due]) => token(end, due)),
          { now, room, startedAt: null },
        );
        expect(picked.length).toBeLessThanOrEqual(room);
        for (const { dueAt: due } of picked) expect(due).toBeLessThanOrEqual(now);
      }),
      { numRuns },
    );
  });
});

test('an end beyond what the token can live is brought back, and a nearer one stays', () => {
  expect(plausibleEnd(asEpoch(now + 9_000), 5_000, now)).toBe(now + 5_000);
  expect(plausibleEnd(asEpoch(now + 4_000), 5_000, now)).toBe(now + 4_000);
  expect(plausibleEnd(asEpoch(now - 4_000), Number.POSITIVE_INFINITY, now)).toBe(now - 4_000);
});
