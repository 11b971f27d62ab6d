import { describe, expect, it } from 'vitest';
import { layoutFor, scrollTo } from '../../source/ui/layout.ts';

describe('layoutFor', () => {
  it.each([
    [{ columns: 90, rows: 24 }, 'wide'],
    [{ columns: 89, rows: 24 }, 'narrow'],
    [{ columns: 46, rows: 12 }, 'narrow'],
    [{ columns: 45, rows: 24 }, 'tiny'],
    [{ columns: 200, rows: 9 }, 'tiny'],
    [{ columns: 30, rows: 6 }, 'tiny'],
    [{ columns: 29, rows: 24 }, 'small'],
    [{ columns: 200, rows: 5 }, 'small'],
  ])('%j is %s', (size, kind) => {
    expect(layoutFor(size, 4, 'accounts').kind).toBe(kind);
  });

  it('divides exactly the rows there are', () => {
    const places = [30, 46, 90, 200].flatMap((columns) =>
      ([1, 4, 100] as const).flatMap((wanted) =>
        (['accounts', 'requests'] as const).map((focus) => ({ columns, wanted, focus })),
      ),
    );
    for (let rows = 6; rows <= 60; rows += 1) {
      for (const { columns, wanted, focus } of places) {
        const { kind, titles, headings, accounts, requests, log } = layoutFor(
          { columns, rows },
          wanted,
          focus,
        );
        const fixed = 2 + (titles ? 2 : 0) + (headings ? 2 : 0) + (log ? 1 : 0);
        expect(fixed + accounts + requests).toBe(rows);
        expect(accounts).toBeGreaterThanOrEqual(1);
        expect(requests).toBeGreaterThanOrEqual(kind === 'tiny' ? 0 : 1);
      }
    }
  });

  it('gives a tiny screen to the pane with the keys', () => {
    expect(layoutFor({ columns: 30, rows: 6 }, 9, 'accounts')).toMatchObject({ accounts: 4, requests: 0 });
    expect(layoutFor({ columns: 30, rows: 6 }, 9, 'requests')).toMatchObject({ accounts: 1, requests: 3 });
  });
});

describe('scrollTo', () => {
  it.each([
    ['stays when the selected row is in view', [5, 3, 4, 20] as const, 3],
    ['moves up to it', [2, 3, 4, 20] as const, 2],
    ['moves down to it', [9, 3, 4, 20] as const, 6],
    ['leaves no hole at the end', [19, 19, 4, 20] as const, 16],
    ['starts at the top when all fit', [2, 2, 10, 3] as const, 0],
  ])('%s', (_, [selected, start, height, length], expected) => {
    expect(scrollTo(selected, start, height, length)).toBe(expected);
  });
});
