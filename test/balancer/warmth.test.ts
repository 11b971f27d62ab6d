import { describe, expect, test } from 'vitest';
import { cacheLives, isWarm, placeOf } from '../../source/balancer/warmth.ts';
import { idOf, later, now } from './sample.ts';

describe('a prompt cache', () => {
  test.each([
    [0, true],
    [297_999, true],
    [298_000, false],
    [-1, false],
  ])('that was used %i ms ago is warm: %s', (ms, warm) => {
    expect(isWarm(now, cacheLives.short, later(ms))).toBe(warm);
  });
});

describe('a conversation belongs', () => {
  const home = { account: idOf('home'), at: now, prefix: null };
  const never = (): never => {
    throw new Error('asked');
  };

  test('nowhere when nothing of it is known', () => {
    expect(placeOf(null, never, now)).toEqual({ home: null, isCold: false });
  });

  test('to its account for five minutes, and nobody asks how long the cache was to live', () => {
    expect(placeOf(home, never, later(290_000))).toEqual({ home: idOf('home'), isCold: false });
  });

  test('to its account for an hour where that was asked for, else it is cold', () => {
    for (const minutes of [6, 59]) {
      const at = later(minutes * 60_000);
      expect(placeOf(home, () => cacheLives.long, at)).toEqual({ home: idOf('home'), isCold: false });
      expect(placeOf(home, () => cacheLives.short, at)).toEqual({ home: null, isCold: true });
    }
  });

  test('to nobody after an hour, whatever was asked for', () => {
    expect(placeOf(home, never, later(3_600_000))).toEqual({ home: null, isCold: true });
  });
});
