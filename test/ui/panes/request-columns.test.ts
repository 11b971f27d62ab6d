import { describe, expect, it } from 'vitest';
import { fittedWidth } from '../../../source/ui/panes/columns.ts';
import { requestColumns } from '../../../source/ui/panes/request-columns.ts';

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
});
