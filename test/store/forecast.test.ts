import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { forecastOf, lengthOf } from '../../source/store/forecast.ts';
import { begun, hour, minute, trendOf } from './trend-samples.ts';

const at = (ms: number) => asEpoch(begun + ms);
/** Minutes from the window's start until it is empty; null = it lasts, undefined = nobody knows. */
const emptyAfter = (found: ReturnType<typeof forecastOf>): number | null | undefined =>
  found === null ? undefined : found.emptyAt === null ? null : (found.emptyAt - begun) / minute;

describe('a window that is used at an even pace', () => {
  test('is foretold within minutes, although the figures are rounded to hundredths', () => {
    for (const perHour of [0.25, 0.3, 0.4, 0.8]) {
      const trend = trendOf((ms) => (perHour * ms) / hour, { from: 0, to: 45 * minute });
      const found = forecastOf(trend, at(45 * minute));
      expect(Math.abs((emptyAfter(found) ?? Number.NaN) - 60 / perHour)).toBeLessThan(0.05 * (60 / perHour));
      expect(found?.perHour).toBeCloseTo(perHour, 1);
    }
  });

  test('lasts when its reset comes first', () => {
    const trend = trendOf((ms) => (0.15 * ms) / hour, { from: 0, to: hour });
    expect(emptyAfter(forecastOf(trend, at(hour)))).toBeNull();
  });

  test('is empty when its cap is reached', () => {
    const trend = trendOf((ms) => (0.3 * ms) / hour, { from: 0, to: hour });
    expect(emptyAfter(forecastOf(trend, at(hour), 0.6))).toBeGreaterThan(110);
    expect(emptyAfter(forecastOf(trend, at(hour), 0.6))).toBeLessThan(130);
    expect(forecastOf(trend, at(hour), 0.3)).toBeNull();
  });
});

test('use outside the proxy, seen in one jump after a pause, counts for the time of the pause', () => {
  // 10 % an hour seen bit by bit, then nothing for an hour, in which somebody else used 30 %.
  const used = (ms: number): number => Math.min(ms / hour, 1) * 0.1 + (ms > 2 * hour - 1 ? 0.3 : 0);
  const trend = trendOf(used, { from: 0, to: hour });
  const after = trendOf(used, { from: 0, to: 2 * hour, everyMs: 2 * minute });
  expect(emptyAfter(forecastOf(trend, at(hour)))).toBeNull();
  const found = forecastOf(after, at(2 * hour));
  expect(found?.perHour).toBeGreaterThan(0.15);
  expect(found?.perHour).toBeLessThan(0.35);
});

test('a burst fades when nothing more is used', () => {
  const burst = (ms: number): number => Math.min(ms, 20 * minute) * (0.9 / hour);
  const trend = trendOf(burst, { from: 0, to: hour });
  const rates = [20, 40, 60, 120].map((each) => forecastOf(trend, at(each * minute))?.perHour ?? 0);
  expect(rates[0]).toBeCloseTo(0.9, 1);
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(rates[3]).toBeLessThan(rates[0] ?? 0);
});

describe('nothing is foretold', () => {
  test('from fewer than two changes', () => {
    const trend = trendOf((ms) => (ms < minute ? 0.4 : 0.41), { from: 0, to: 30 * minute });
    expect(trend.readings).toHaveLength(2);
    expect(forecastOf(trend, at(30 * minute))).toBeNull();
  });

  test('for hours from a minute, when it is not known how the window was used before', () => {
    const trend = trendOf(
      (ms) => 0.1 + ms / hour,
      { from: 0, to: 2 * minute, everyMs: 10_000 },
      { id: 'special', resetsAt: at(20 * hour) },
    );
    expect(trend.readings.length).toBeGreaterThan(2);
    expect(forecastOf(trend, at(2 * minute))).toBeNull();
  });

  test('of a period that is over, or of a window of which nothing is left', () => {
    const trend = trendOf((ms) => (0.5 * ms) / hour, { from: 0, to: 2 * hour });
    expect(forecastOf(trend, at(2 * hour))).toBeNull();
    const half = trendOf((ms) => (0.5 * ms) / hour, { from: 0, to: hour });
    expect(forecastOf(half, at(hour))).not.toBeNull();
    expect(forecastOf(half, at(5 * hour))).toBeNull();
  });
});

test('minutes of a short window are enough for its minutes', () => {
  const trend = trendOf(
    (ms) => ms / (2 * minute),
    { from: 0, to: minute, everyMs: 1000 },
    { resetsAt: at(3 * minute) },
  );
  expect(emptyAfter(forecastOf(trend, at(minute)))).toBeCloseTo(2, 0);
});

test('whatever a server tells, a forecast lies between now and the reset', () => {
  const steps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: hour }), more: fc.nat(30) }), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(steps, fc.nat(6 * hour), (all, later) => {
      let [now, used] = [0, 0];
      const seen = new Map<number, number>();
      for (const { gap, more } of all) {
        now += gap;
        used += more / 100;
        seen.set(now, used);
      }
      if (all.length === 0) return;
      const times = [...seen.keys()];
      let index = 0;
      const trend = trendOf(() => seen.get(times[index++] ?? 0) ?? used, {
        from: times[0] ?? 0,
        to: (times[0] ?? 0) + times.length - 1,
        everyMs: 1,
      });
      const at = asEpoch(begun + now + later);
      const found = forecastOf(trend, at);
      if (found === null) return;
      expect(found.perHour).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(found.perHour)).toBe(true);
      if (found.emptyAt === null) return;
      expect(found.emptyAt).toBeGreaterThanOrEqual(at);
      expect(found.emptyAt).toBeLessThan(trend.resetsAt);
    }),
  );
});

test.each([
  ['5h', 5 * hour],
  ['7d', 168 * hour],
  ['7d_opus', 168 * hour],
  ['requests', null],
  ['', null],
])('the length of %s is %s', (id, length) => expect(lengthOf(id)).toBe(length));
