import { expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { forecastOf } from '../../source/store/forecast.ts';
import { keptForecast, wholeSecond } from '../../source/store/kept-forecast.ts';
import { begun, hour, trendOf } from './trend-samples.ts';

const trend = trendOf((ms) => (0.4 * ms) / hour, { from: 0, to: hour });
const now = asEpoch(begun + hour + 300);

test('a forecast is the same object for a whole second, and the one of that second', () => {
  const first = keptForecast(trend, now);
  expect(first).toEqual(forecastOf(trend, wholeSecond(now)));
  expect(keptForecast(trend, asEpoch(now + 600))).toBe(first);
  expect(keptForecast(trend, asEpoch(now + 900))).not.toBe(first);
});

test('another cap and another reading are reckoned anew', () => {
  const first = keptForecast(trend, now);
  expect(keptForecast(trend, now, 0.5)?.emptyAt).toBeLessThan(first?.emptyAt ?? 0);
  const faster = trendOf((ms) => (0.8 * ms) / hour, { from: 0, to: hour });
  expect(keptForecast(faster, now)?.emptyAt).toBeLessThan(first?.emptyAt ?? 0);
});

test('that nothing can be foretold is kept as well', () => {
  const short = trendOf(() => 0.1, { from: 0, to: 0 });
  expect(keptForecast(short, now)).toBeNull();
  expect(keptForecast(short, now)).toBeNull();
});
