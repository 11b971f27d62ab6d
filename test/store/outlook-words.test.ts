import { expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { forecastText, poolText, shortForecast, shortWidth } from '../../source/store/outlook-words.ts';

const minute = 60_000;
const day = 1440 * minute;
const now = asEpoch(new Date(2026, 10, 20, 14, 0).getTime());
const inMs = (ms: number) => ({ emptyAt: asEpoch(now + ms), perHour: 0.1 });

test('the short form fits its column, and the unknown is a dash', () => {
  const texts = [
    shortForecast(inMs(32 * minute), now),
    shortForecast(inMs(19 * 60 * minute), now),
    shortForecast(inMs(3 * day), now),
    shortForecast({ emptyAt: null, perHour: 0.1 }, now),
    shortForecast(undefined, now),
  ];
  expect(texts).toEqual(['~14:32', '~09:00', '~Mon', 'lasts', '—']);
  for (const text of texts) expect(text.length).toBeLessThanOrEqual(shortWidth);
});

test('the sentence says when, and how long before the reset', () => {
  expect(forecastText(inMs(32 * minute), asEpoch(now + 72 * minute), now)).toBe(
    'empty at ~14:32, 40 min before its reset',
  );
  expect(forecastText(inMs(32 * minute), asEpoch(now + 3 * 60 * minute), now)).toBe(
    'empty at ~14:32, 2h28m before its reset',
  );
  expect(forecastText(inMs(2 * day), asEpoch(now + 5 * day), now)).toBe(
    'empty at ~Sun 14:00, 3d0h before its reset',
  );
  expect(forecastText({ emptyAt: null, perHour: 0 }, asEpoch(now + day), now)).toBe('lasts until its reset');
});

test('the pool is dry at a time, dry now, lasts, or unknown', () => {
  const until = asEpoch(now + day);
  expect(poolText({ dryAt: asEpoch(now + 185 * minute), until }, now)).toBe('dry at ~17:05');
  expect(poolText({ dryAt: now, until }, now)).toBe('dry');
  expect(poolText({ dryAt: null, until }, now)).toBe('lasts');
  expect(poolText(null, now)).toBe('—');
});
