import { describe, expect, test } from 'vitest';
import { isUsageDue, unaskedUsage, usageAsked, usageWait } from '../../source/balancer/usage-times.ts';

const minute = 60_000;
const login = { kind: 'login', paused: false } as const;
const at = { pollMs: 10 * minute, now: 1000 * minute, monotonic: 50 * minute };
const seen = (minutesAgo: number) => [{ seenAt: ((1000 - minutesAgo) * minute) as never }];

describe('the usage of a login is asked for in the background', () => {
  test.each([
    ['at once when nothing is known of it', login, [], at, true],
    ['when nobody has told of its windows for so long', login, seen(10), at, true],
    ['not while answers tell of them', login, [...seen(60), ...seen(9)], at, false],
    ['not for a setup token, which may not', { ...login, kind: 'setup-token' as const }, [], at, false],
    ['not for a key', { ...login, kind: 'api-key' as const }, [], at, false],
    ['not while it is paused', { ...login, paused: true }, [], at, false],
    ['not when that is switched off', login, [], { ...at, pollMs: 0 }, false],
  ])('%s', (_, account, windows, when, due) => {
    expect(isUsageDue(account, windows, unaskedUsage, when)).toBe(due);
  });

  test('at most every ten minutes, and less often up to half an hour while it fails', () => {
    let times = usageAsked(unaskedUsage, true, at.pollMs, at.monotonic);
    expect(times.dueAt).toBe(60 * minute);
    expect(isUsageDue(login, [], times, { ...at, monotonic: 60 * minute - 1 })).toBe(false);
    expect(isUsageDue(login, [], times, { ...at, monotonic: 60 * minute })).toBe(true);
    const pauses = [1, 2, 3, 4].map(() => {
      times = usageAsked(times, false, at.pollMs, 0);
      return times.dueAt / minute;
    });
    expect(pauses).toEqual([20, 30, 30, 30]);
    expect(usageAsked(times, true, at.pollMs, 0)).toMatchObject({ dueAt: 10 * minute, failures: 0 });
    expect(usageAsked(times, false, 60 * minute, 0).dueAt).toBe(60 * minute);
  });
});

test('a person may ask at once, and then once a minute', () => {
  expect(usageWait(unaskedUsage, 0)).toBe(0);
  const times = usageAsked(unaskedUsage, false, at.pollMs, 1000);
  expect(usageWait(times, 21_000)).toBe(40_000);
  expect(usageWait(times, 61_000)).toBe(0);
});
