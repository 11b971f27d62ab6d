import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clockTime,
  localTime,
  timeOfDay,
  withZone,
  zoneName,
  zoneOf,
} from '../../source/shared/local-time.ts';
import { asEpoch } from '../../source/shared/types.ts';

const now = asEpoch(new Date(2026, 10, 22, 14, 7, 5).getTime());
const time = (...parts: [number, number, number, number, number, number]): string =>
  localTime(asEpoch(new Date(...parts).getTime()), now);

test('the time of day is local, and a clock shows a minute until it is over', () => {
  const morning = asEpoch(new Date(2026, 10, 22, 9, 5, 59).getTime());
  expect(timeOfDay(morning)).toBe('09:05:59');
  expect(clockTime(morning)).toBe('09:05');
});

describe('localTime', () => {
  test('is the time of day, up to the minute', () => {
    expect(time(2026, 10, 22, 14, 19, 0)).toBe('14:19');
    expect(time(2026, 10, 22, 14, 18, 1)).toBe('14:19');
    expect(time(2026, 10, 22, 23, 59, 30)).toBe('00:00');
    expect(time(2026, 10, 22, 9, 5, 0)).toBe('09:05');
  });

  test('names the day when the time alone could be taken for today', () => {
    expect(time(2026, 10, 23, 9, 0, 0)).toBe('09:00');
    expect(time(2026, 10, 23, 14, 0, 0)).toBe('Mon 14:00');
    expect(time(2026, 10, 22 + 5, 14, 0, 0)).toBe('Fri 14:00');
    expect(time(2026, 11, 2, 14, 0, 0)).toBe('2 Dec 14:00');
    expect(time(2027, 10, 2, 14, 0, 0)).toBe('2 Nov 2027');
    expect(localTime(asEpoch(Number.NaN), now)).toBe('—');
    expect(localTime(asEpoch(9e15), now)).toBe('—');
  });

  test('is never earlier than the moment, and less than a minute later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 19 * 3600_000 }), (ms) => {
        const at = now + ms;
        const [hours = Number.NaN, minutes = Number.NaN] = localTime(asEpoch(at), now).split(':').map(Number);
        const said = new Date(at);
        said.setHours(hours, minutes, 0, 0);
        if (said.getTime() < at - 43_200_000) said.setDate(said.getDate() + 1);
        expect(said.getTime() - at).toBeGreaterThanOrEqual(0);
        expect(said.getTime() - at).toBeLessThan(60_000);
      }),
    );
  });
});

test.each([
  [0, 'UTC'],
  [-60, 'UTC+1'],
  [210, 'UTC-3:30'],
  [-345, 'UTC+5:45'],
  [Number.NaN, 'UTC'],
])('a zone %i minutes behind UTC is %s', (minutes, name) => {
  expect(zoneName(minutes)).toBe(name);
});

test('a moment in full names its day, year and zone, and is not rounded', () => {
  const date = new Date(2026, 10, 22, 9, 5, 59, 999);
  expect(withZone(asEpoch(date.getTime()))).toBe(
    `Sun 22 Nov 2026 09:05:59 ${zoneName(date.getTimezoneOffset())}`,
  );
  expect(withZone(asEpoch(Number.NaN))).toBe('—');
  expect(withZone(asEpoch(9e15))).toBe('—');
});

test('the zone of a moment is the one of this machine then', () => {
  const date = new Date(2026, 10, 22, 9, 5, 59);
  expect(zoneOf(asEpoch(date.getTime()))).toBe(zoneName(date.getTimezoneOffset()));
});
