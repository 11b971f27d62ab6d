import { describe, expect, it } from 'vitest';
import { fittedWidth } from '../../../source/ui/panes/columns.ts';
import { lastScroll, requestColumns } from '../../../source/ui/panes/request-columns.ts';

const kindOf = (width: number) => (width < 90 ? 'narrow' : 'wide');
const ids = (width: number, name = 6): string[] =>
  requestColumns(kindOf(width), width, name).map(({ id }) => id);

describe('requestColumns', () => {
  it('shows everything from 90 columns on', () => {
    const all = 'time account status model wait first total in out cache note';
    for (const width of [90, 100, 200]) expect(ids(width).join(' ')).toBe(all);
  });

  it('drops note, first, cache, in, wait and model in this order, and nothing else', () => {
    const dropped: string[] = [];
    for (let width = 90; width > 46; width -= 1) {
      const now = new Set(ids(width - 1));
      dropped.push(...ids(width).filter((id) => !now.has(id)));
    }
    expect(dropped).toEqual(['note', 'first', 'cache', 'in', 'wait', 'model']);
    expect(ids(46)).toEqual(['time', 'account', 'status', 'total', 'out']);
  });

  it('never shows fewer columns when the terminal gets wider, and fits', () => {
    for (const name of [0, 6, 14, 80]) {
      for (let width = 46; width <= 200; width += 1) {
        const wider = new Set(ids(width + 1, name));
        for (const id of ids(width, name)) expect(wider).toContain(id);
        expect(fittedWidth(requestColumns(kindOf(width), width, name))).toBeLessThanOrEqual(width);
      }
    }
  });

  it('keeps account, status and time taken on a tiny screen', () => {
    const tiny = requestColumns('tiny', 30, 6);
    expect(tiny.map(({ id }) => id)).toEqual(['account', 'status', 'total']);
    expect(fittedWidth(tiny)).toBeLessThanOrEqual(30);
  });

  const wished = (width: number, scrolled: number, wide = false): string[] =>
    requestColumns(kindOf(width), width, 6, { scrolled, wide }).map(({ id }) => id);

  it('scrolls all that is behind the status, in the order of a wide list, with none left out between', () => {
    const all = 'model wait first total in out cache note'.split(' ');
    for (let scrolled = 1; scrolled <= lastScroll('narrow', false); scrolled += 1) {
      const shown = wished(60, scrolled);
      expect(shown.slice(0, 3)).toEqual(['time', 'account', 'status']);
      expect(all.slice(scrolled).join(' ')).toMatch(new RegExp(`^${shown.slice(3).join(' ')}`));
      expect(shown.length).toBeGreaterThan(3);
    }
    expect(wished(60, lastScroll('narrow', false))).toEqual(['time', 'account', 'status', 'note']);
    expect(wished(60, 99)).toEqual(wished(60, lastScroll('narrow', false)));
  });

  it('has more columns in a wide list, money apart from list value', () => {
    const all = 'time account status model wait first total in out cache client project cost list note';
    expect(wished(150, 0, true).join(' ')).toBe(all);
    expect(wished(60, 0, true)).toEqual(['time', 'account', 'status', 'model', 'wait', 'first']);
    expect(wished(60, 7, true)).toEqual(['time', 'account', 'status', 'client', 'project', 'cost']);
  });

  it('fits wherever it is scrolled, on a tiny screen too', () => {
    for (const kind of ['wide', 'narrow', 'tiny'] as const) {
      const least = { wide: 90, narrow: 46, tiny: 30 }[kind];
      for (const wide of [false, true]) {
        for (let scrolled = 0; scrolled <= lastScroll(kind, wide); scrolled += 1) {
          const columns = requestColumns(kind, least, 6, { scrolled, wide });
          expect(fittedWidth(columns)).toBeLessThanOrEqual(least);
          expect(columns.map(({ id }) => id)).toContain('status');
        }
      }
    }
    expect(requestColumns('tiny', 30, 6, { scrolled: 4, wide: false }).map(({ id }) => id)).toEqual([
      'account',
      'status',
      'in',
    ]);
  });
});
