import { describe, expect, test } from 'vitest';
import { blockOf, freshRuntime } from '../../source/balancer/account-state.ts';
import { withAnswered, withAsked } from '../../source/balancer/window-news.ts';
import type { LimitWindow } from '../../source/shared/types.ts';
import { later, now, record, window } from './sample.ts';

const hour = 3_600_000;
const known = window('5h', { utilization: 0.5, resetsAt: later(hour) });

const answered = (changes: Partial<LimitWindow>): LimitWindow | undefined =>
  withAnswered([known], [{ ...known, seenAt: later(1000), ...changes }])[0];
const asked = (changes: Partial<LimitWindow>): LimitWindow | undefined =>
  withAsked([known], [{ ...known, source: 'usage', status: null, seenAt: later(1000), ...changes }])[0];

describe.each([
  ['an answer', answered],
  ['the usage endpoint', asked],
])('a reset that %s tells of', (_, told) => {
  test.each([
    [-59_999, 0],
    [-1, 0],
    [1, 0],
    [59_999, 0],
    [60_000, 60_000],
    [-60_000, -60_000],
    [5 * hour, 5 * hour],
  ])('that differs by %i ms moves by %i ms', (by, moved) => {
    const resetsAt = later(hour + by);
    expect(told({ resetsAt, utilization: 0.6 })).toMatchObject({
      utilization: 0.6,
      resetsAt: later(hour + moved),
    });
  });

  test('and is waited for is the later of the two: nobody is sent there before it', () => {
    for (const by of [-30_000, 30_000]) {
      const resetsAt = later(hour + by);
      expect(told({ resetsAt, utilization: 1 })?.resetsAt).toBe(later(hour + Math.max(0, by)));
    }
  });

  test('never creeps, however often it is told a little later', () => {
    let windows: readonly LimitWindow[] = [known];
    for (let n = 1; n <= 50; n += 1) {
      windows = withAnswered(windows, [{ ...known, resetsAt: later(hour + n * 50_000), utilization: 0.5 }]);
      windows = withAsked(windows, windows);
    }
    const moved = (windows[0]?.resetsAt ?? 0) - later(hour + 50 * 50_000);
    expect(Math.abs(moved)).toBeLessThan(60_000);
  });
});

describe('what is older than what is known', () => {
  test('is a lower share of the same period, within a minute of its reset', () => {
    expect(answered({ utilization: 0.4, resetsAt: later(hour + 2000) })).toBe(known);
    expect(answered({ utilization: 0.4, resetsAt: later(6 * hour) })?.utilization).toBe(0.4);
  });

  test('is no share of a period that began when the known one was over, however short they are', () => {
    const seenAt = later(hour);
    const next = { ...known, seenAt, resetsAt: later(hour + 20_000), utilization: 0.1 };
    expect(withAnswered([known], [next])[0]).toEqual(next);
    expect(withAsked([known], [next])[0]).toEqual(next);
  });

  test('is nothing that keeps the account out for longer', () => {
    const full = { ...known, utilization: 1.08 };
    const [told] = withAnswered([full], [{ ...full, utilization: 1, resetsAt: later(hour + 2000) }]);
    expect(told?.resetsAt).toBe(later(hour + 2000));
    expect(withAnswered([full], [{ ...full, utilization: 1 }])[0]).toBe(full);
  });

  test('is a period that is over while another one runs', () => {
    expect(answered({ utilization: 0.99, resetsAt: now })).toBe(known);
    const over = { ...known, resetsAt: now };
    expect(withAnswered([over], [{ ...known, seenAt: later(1), resetsAt: now }])[0]?.seenAt).toBe(later(1));
  });

  test('is no refusal, by whatever word', () => {
    for (const status of ['rejected', 'rate_limited', 'blocked']) {
      expect(answered({ status, utilization: 0.1 })).toMatchObject({ status, utilization: 0.1 });
    }
  });

  test('of what was asked for is all that was told before an answer', () => {
    const [fresh] = withAsked([{ ...known, seenAt: later(2000) }], [{ ...known, seenAt: later(1000) }]);
    expect(fresh?.seenAt).toBe(later(2000));
  });
});

test('every figure has the source and the time of what told it', () => {
  expect(answered({ utilization: 0.6 })).toMatchObject({ source: 'header', seenAt: later(1000) });
  expect(asked({ utilization: 0.6 })).toMatchObject({ source: 'usage', seenAt: later(1000) });
});

test('a month of overage keeps its end when the usage endpoint does not tell it', () => {
  const month = window('overage', { resetsAt: later(30 * 24 * hour) });
  const [told] = withAsked([month], [{ ...month, utilization: 0.7, resetsAt: null, source: 'usage' }]);
  expect(told).toMatchObject({ utilization: 0.7, resetsAt: month.resetsAt });
  expect(asked({ resetsAt: null })?.resetsAt).toBeNull();
});

test('a month of overage that is over is not the month of what the usage endpoint tells then', () => {
  const before = window('overage', { utilization: 0.1, resetsAt: now });
  const [told] = withAsked(
    [before],
    [{ ...before, utilization: 0.7, resetsAt: null, source: 'usage', seenAt: now }],
  );
  expect(told).toMatchObject({ utilization: 0.7, resetsAt: null });
  const plan = window('7d', { status: 'rejected', utilization: 1 });
  const paying = { ...freshRuntime, overage: true, windows: [plan, ...(told === undefined ? [] : [told])] };
  expect(blockOf(record('work', { overage: 0.5 }), paying, null, now)?.state).toBe('capped');
});

test('ever new windows do not grow an account', () => {
  let windows: readonly LimitWindow[] = [];
  for (let n = 0; n < 200; n += 1) windows = withAnswered(windows, [window(`w${n}`, { seenAt: later(n) })]);
  expect(windows).toHaveLength(32);
  expect(windows.some(({ id }) => id === 'w199')).toBe(true);
});
