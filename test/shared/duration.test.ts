import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compactCount, countdown, elapsed, parseAge } from '../../source/shared/duration.ts';
import { asEpoch } from '../../source/shared/types.ts';

const s = 1000;
const m = 60 * s;
const h = 60 * m;
const now = asEpoch(1_795_330_800_000);
const left = (ms: number, known: { seenAt?: number; windowMs?: number } = {}): string =>
  countdown(asEpoch(now + ms), now, {
    ...(known.seenAt === undefined ? {} : { seenAt: asEpoch(known.seenAt) }),
    ...(known.windowMs === undefined ? {} : { windowMs: known.windowMs }),
  });

describe('countdown', () => {
  test.each([
    [76 * h, '3d4h'],
    [75 * h + 1, '3d4h'],
    [48 * h, '2d0h'],
    [48 * h - 1, '2d0h'],
    [48 * h - m, '47h59m'],
    [4 * h + 11 * m + 1, '4h12m'],
    [h + 42 * m, '1h42m'],
    [h, '1h00m'],
    [h - 1, '1h00m'],
    [42 * m, '42m'],
    [10 * m, '10m'],
    [10 * m - 1, '10m'],
    [10 * m - s, '9m59s'],
    [9 * m + 5 * s, '9m05s'],
    [60 * s, '1m00s'],
    [59 * s + 1, '1m00s'],
    [45 * s, '45s'],
    [1, '1s'],
    [0, 'now'],
    [-5 * h, 'now'],
  ])('%i ms before the reset shows %s', (ms, shown) => {
    expect(left(ms)).toBe(shown);
  });

  test('an unknown reset is a dash', () => {
    expect(countdown(null, now)).toBe('—');
    expect(countdown(asEpoch(Number.NaN), now)).toBe('—');
  });

  test('a reset last heard of over ten minutes ago carries a question mark, until it is past', () => {
    expect(left(h, { seenAt: now - 10 * m })).toBe('1h00m');
    expect(left(h, { seenAt: now - 10 * m - 1 })).toBe('1h00m?');
    expect(left(-1, { seenAt: now - h })).toBe('now');
  });

  test('a reset later than the window can end is not shown; a minute of clock difference is forgiven', () => {
    expect(left(13 * h, { windowMs: 5 * h })).toBe('—');
    expect(left(5 * h + m + 1, { windowMs: 5 * h })).toBe('—');
    expect(left(5 * h + m, { windowMs: 5 * h })).toBe('5h00m');
    expect(left(5 * h, { windowMs: 5 * h })).toBe('5h00m');
  });

  test('what is a hundred days away is told in days, what is a hundred years away is no reset', () => {
    const d = 24 * h;
    expect(left(100 * d - h)).toBe('99d23h');
    expect(left(100 * d - 1)).toBe('100d');
    expect(left(100 * d + 1)).toBe('101d');
    expect(left(36_525 * d)).toBe('36525d');
    expect(left(40_000 * d)).toBe('—');
  });

  const day = 24 * h;
  /** Every length, the short ones and those around a change of unit as often as the long ones. */
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 11 * m }),
    fc.integer({ min: 1, max: 50 * h }),
    fc.integer({ min: 1, max: 36_525 * day }),
    fc
      .tuple(fc.constantFrom(m, 10 * m, h, 48 * h, 100 * day), fc.integer({ min: -2 * s, max: 2 * s }))
      .map(([around, by]) => around + by),
  );
  const units: Readonly<Record<string, number>> = { d: day, h, m, s };
  const promised = (shown: string): number =>
    [...shown.matchAll(/(\d+)([dhms])/g)].reduce(
      (sum, [, count, name]) => sum + Number(count) * (units[name ?? ''] ?? Number.NaN),
      0,
    );
  const shownUnit = (ms: number): number => (ms < 10 * m ? s : ms < 48 * h ? m : ms < 100 * day ? h : day);

  test('never promises a time before the reset, and never one that is a whole unit after it', () => {
    fc.assert(
      fc.property(lengths, (ms) => {
        const late = promised(left(ms)) - ms;
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThan(shownUnit(ms));
      }),
      { numRuns: 2000 },
    );
  });

  test('only ever falls while time goes by, and says now when it is there', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 2 * day }), (ms, passed) => {
        const at = asEpoch(now + ms);
        const later = countdown(at, asEpoch(now + passed));
        expect(promised(later)).toBeLessThanOrEqual(promised(countdown(at, now)));
        expect(later === 'now').toBe(passed >= ms);
      }),
      { numRuns: 2000 },
    );
  });

  test('a reset that is told anew never moves it by more than it moved itself, and less than a unit', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: m }), (ms, by) => {
        const jump = promised(left(ms + by)) - promised(left(ms));
        expect(jump).toBeGreaterThanOrEqual(0);
        expect(jump).toBeLessThan(by + shownUnit(ms + by));
      }),
      { numRuns: 1000 },
    );
  });

  test('takes at most seven characters, known, stale or impossible', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e18, max: 1e18 }), fc.boolean(), (ms, isStale) => {
        const shown = left(ms, isStale ? { seenAt: now - h } : {});
        expect(shown.length).toBeLessThanOrEqual(7);
        expect(shown).toMatch(/^(?:now|—|\d+d(?:\d+h)?\??|\d+h\d\dm\??|\d+m(?:\d\ds)?\??|\d+s\??)$/);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(lengths, (ms) => {
        expect(left(ms, { seenAt: now - h }).length).toBeLessThanOrEqual(7);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('elapsed', () => {
  test.each([
    [-3, '0ms'],
    [0, '0ms'],
    [410.4, '410ms'],
    [999.4, '999ms'],
    [999.6, '1.0s'],
    [6200, '6.2s'],
    [59_940, '59.9s'],
    [59_950, '1m00s'],
    [65_000, '1m05s'],
    [3_599_400, '59m59s'],
    [3_599_600, '1h00m'],
    [2 * h + 7 * m, '2h07m'],
  ])('%d ms is %s', (ms, shown) => {
    expect(elapsed(ms)).toBe(shown);
  });
});

describe('parseAge', () => {
  test.each([
    ['90s', 90 * s],
    ['30m', 30 * m],
    ['24h', 24 * h],
    ['7d', 7 * 24 * h],
    ['2w', 14 * 24 * h],
    [' 1h ', h],
    ['0s', 0],
  ])('%s is a length of time', (text, ms) => {
    expect(parseAge(text)).toBe(ms);
  });

  test.each(['', 'h', '5', '-5h', '1.5h', '5 h', '5H', '24hours', '1e3s', '36526d', '999999999999w', '٣h'])(
    '%j is not one',
    (text) => {
      expect(parseAge(text)).toBeNull();
    },
  );
});

describe('compactCount', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1k'],
    [11_800, '11.8k'],
    [99_940, '99.9k'],
    [99_960, '100k'],
    [118_400, '118k'],
    [999_499, '999k'],
    [999_950, '1M'],
    [1_240_000, '1.2M'],
    [3_000_000_000, '3G'],
    [-11_800, '-11.8k'],
  ])('%i is %s', (count, shown) => {
    expect(compactCount(count)).toBe(shown);
  });

  test('takes at most five characters below a billion thousands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999e9 }), (count) => {
        expect(compactCount(count).length).toBeLessThanOrEqual(5);
      }),
    );
  });
});
