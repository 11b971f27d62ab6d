import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTheme } from '../../../source/ui/theme.ts';
import { gauge, percent } from '../../../source/ui/widgets/gauge.ts';

const { glyphs } = createTheme({ ascii: true, color: false });

describe('gauge', () => {
  it.each([
    [0, '..........'],
    [0.001, '#.........'],
    [0.68, '#######...'],
    [0.999, '#########.'],
    [1, '##########'],
    [1.4, '##########'],
    [-1, '..........'],
    [null, '          '],
  ])('%j is %s', (share, bar) => {
    expect(gauge(share, 10, glyphs)).toBe(bar);
  });

  it('always has its width and is full only when the window is spent', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (share, width) => {
          const bar = gauge(share, width, glyphs);
          expect(bar).toHaveLength(width);
          expect(bar.includes('.')).toBe(share < 1);
        },
      ),
    );
  });
});

describe('percent', () => {
  it.each([
    [null, '—'],
    [0, '0%'],
    [-0.1, '0%'],
    [0.000_01, '<1%'],
    [0.004, '<1%'],
    [0.01, '1%'],
    [0.29, '29%'],
    [0.996, '99%'],
    [0.999_999_999_999, '99%'],
    [1, '100%'],
    [1.25, '125%'],
    [9.999, '999%'],
    [99, '10x+'],
    [Number.NaN, '—'],
  ])('%j is %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it('says 100% exactly when nothing is left, in at most four characters', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20, noNaN: true }), (share) => {
        const text = percent(share);
        expect(text.length).toBeLessThanOrEqual(4);
        expect(text === '0%').toBe(share === 0);
        expect(text.length === 4).toBe(share >= 1);
      }),
    );
  });
});
