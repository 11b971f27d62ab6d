import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutWidth, displayWidth, fitWidth } from '../../source/shared/display-width.ts';

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['claude', 6],
    ['Grüße…', 6],
    ['漢字', 4],
    ['한국어', 6],
    ['ｗｉｄｅ', 8],
    ['🚀', 2],
    ['e\u0301', 1],
    ['●▶─', 3],
  ])('%j takes %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });
});

describe('cutWidth', () => {
  test('text that fits stays, and a wide character is never cut in two', () => {
    expect(cutWidth('work', 4)).toBe('work');
    expect(cutWidth('account', 4)).toBe('acco');
    expect(cutWidth('漢字漢字', 3)).toBe('漢');
    expect(cutWidth('🚀🚀', 2)).toBe('🚀');
    expect(cutWidth('account', 0)).toBe('');
  });

  test('a mark over the last character stays with it', () => {
    expect(cutWidth('e\u0301e\u0301', 1)).toBe('e\u0301');
  });
});

describe('fitWidth', () => {
  test('text that fits stays', () => {
    expect(fitWidth('work', 4)).toBe('work');
  });

  test('text that does not fit is cut before a character that would pass the edge', () => {
    expect(fitWidth('account', 4)).toBe('acc…');
    expect(fitWidth('漢字漢字', 4)).toBe('漢…');
    expect(fitWidth('account', 1)).toBe('…');
    expect(fitWidth('account', 0)).toBe('');
  });

  test('the result never takes more columns than there are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 30 }),
        fc.integer({ min: 0, max: 30 }),
        (text, n) => {
          expect(displayWidth(fitWidth(text, n))).toBeLessThanOrEqual(n);
        },
      ),
    );
  });
});
