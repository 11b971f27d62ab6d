import { assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutFor, scrollTo } from '../../source/ui/layout.ts';

const panes = ['accounts', 'requests', 'log'] as const;

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
    const wish = record({ zoomed: boolean(), logShown: boolean() });
    const size = record({ columns: integer({ min: 30, max: 200 }), rows: integer({ min: 6, max: 60 }) });
    const divided = (...given: Parameters<typeof layoutFor>): void => {
      const layout = layoutFor(...given);
      const { shown, titles, headings, requestHeading, kind } = layout;
      const named = { accounts: headings, requests: requestHeading, log: false };
      const heads = shown.filter((pane) => named[pane]).length;
      const fixed = 2 + (titles ? shown.length : 0) + heads + (layout.logLine ? 1 : 0);
      expect(fixed + layout.accounts + layout.requests + layout.log).toBe(layout.rows);
      const least = kind === 'tiny' ? 0 : 1;
      const wrong = panes.filter((pane) =>
        shown.includes(pane) ? layout[pane] < least : layout[pane] !== 0,
      );
      expect(wrong).toEqual([]);
    };
    assert(property(size, integer({ min: 1, max: 100 }), constantFrom(...panes), wish, divided), {
      numRuns: 3000,
    });
  });

  it('names the columns and has a log pane also in a terminal of the usual 80 columns', () => {
    expect(layoutFor({ columns: 80, rows: 24 }, 4, 'accounts')).toMatchObject({ headings: true, log: 2 });
    expect(layoutFor({ columns: 60, rows: 24 }, 4, 'accounts')).toMatchObject({ headings: false, log: 0 });
    expect(layoutFor({ columns: 80, rows: 20 }, 4, 'accounts')).toMatchObject({ headings: false, log: 0 });
  });

  it('names the figures of requests in a narrow terminal, too, as long as it has 18 rows', () => {
    const named = (columns: number, rows: number, wish = {}): boolean =>
      layoutFor({ columns, rows }, 4, 'accounts', { zoomed: false, logShown: true, ...wish }).requestHeading;
    expect([named(60, 20), named(46, 18), named(60, 17), named(30, 20)]).toEqual([true, true, false, false]);
    expect([named(60, 20, { compact: true }), named(100, 14)]).toEqual([false, true]);
  });

  it('shows many accounts as long as enough requests stay in view', () => {
    expect(layoutFor({ columns: 100, rows: 30 }, 12, 'accounts')).toMatchObject({
      accounts: 12,
      requests: 8,
    });
    expect(layoutFor({ columns: 100, rows: 30 }, 40, 'accounts')).toMatchObject({
      accounts: 12,
      requests: 8,
    });
    expect(layoutFor({ columns: 100, rows: 20 }, 40, 'accounts')).toMatchObject({ accounts: 6, requests: 5 });
  });

  it('gives all but a line of their room to what to do first while there is no account', () => {
    const wish = { zoomed: false, logShown: true, empty: true };
    expect(layoutFor({ columns: 46, rows: 12 }, 6, 'accounts', wish)).toMatchObject({
      accounts: 6,
      requests: 1,
    });
    expect(layoutFor({ columns: 46, rows: 10 }, 9, 'accounts', wish)).toMatchObject({
      accounts: 4,
      requests: 1,
    });
  });

  it('gives a tiny screen to the pane with the keys', () => {
    const size = { columns: 30, rows: 6 };
    expect(layoutFor(size, 9, 'accounts')).toMatchObject({ accounts: 4, requests: 0, log: 0 });
    expect(layoutFor(size, 9, 'requests')).toMatchObject({ accounts: 1, requests: 3, log: 0 });
    expect(layoutFor(size, 9, 'log')).toMatchObject({ accounts: 1, requests: 0, log: 3 });
  });

  it('gives the log as much as the terminal has room for', () => {
    const log = (columns: number, rows: number, focus: 'accounts' | 'log' = 'accounts') => {
      const layout = layoutFor({ columns, rows }, 4, focus);
      return layout.logLine ? 'line' : layout.log;
    };
    expect([14, 18, 24, 30, 45, 60, 200].map((rows) => log(100, rows))).toEqual(['line', 2, 2, 3, 5, 6, 6]);
    expect([log(60, 20), log(60, 20, 'log'), log(30, 20)]).toEqual(['line', 3, 0]);
  });

  it('leaves the log out of the panes that Tab goes through where it has no lines', () => {
    const wide = { columns: 100, rows: 30 };
    expect(layoutFor(wide, 4, 'accounts').panes).toEqual(['accounts', 'requests', 'log']);
    const hidden = { zoomed: false, logShown: false };
    expect(layoutFor(wide, 4, 'accounts', hidden).panes).toEqual(['accounts', 'requests']);
    expect(layoutFor({ columns: 30, rows: 6 }, 4, 'accounts').panes).toEqual(['accounts', 'requests']);
  });

  it('shows one pane alone when it is zoomed', () => {
    const zoomed = { zoomed: true, logShown: true };
    const size = { columns: 100, rows: 30 };
    expect(layoutFor(size, 4, 'requests', zoomed)).toMatchObject({ shown: ['requests'], requests: 26 });
    expect(layoutFor(size, 4, 'log', zoomed)).toMatchObject({ shown: ['log'], log: 27, accounts: 0 });
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
