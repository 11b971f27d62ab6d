import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitColumns, fittedWidth, type Column } from '../../../source/ui/panes/columns.ts';

const columns: readonly Column<string>[] = [
  { id: 'name', rank: 0, min: 5, gap: 0 },
  { id: 'size', rank: 2, min: 4 },
  { id: 'age', rank: 1, min: 3 },
  { id: 'note', rank: 3, min: 2, gap: 2 },
];
const growths = [
  { id: 'name', to: 10 },
  { id: 'note', to: Infinity },
];
const fit = (width: number): string =>
  fitColumns(columns, growths, width)
    .map(({ id, width: cells }) => `${id}:${cells}`)
    .join(' ');

describe('fitColumns', () => {
  it('drops the highest rank first and gives what is left over to those that grow', () => {
    expect(fit(40)).toBe('name:10 size:4 age:3 note:19');
    expect(fit(18)).toBe('name:5 size:4 age:3 note:2');
    expect(fit(17)).toBe('name:8 size:4 age:3');
    expect(fit(13)).toBe('name:9 age:3');
    expect(fit(8)).toBe('name:8');
    expect(fit(1)).toBe('name:5');
  });

  it('never shows fewer columns for more room, nor more than fits', () => {
    const column = fc.record({
      id: fc.string(),
      rank: fc.nat(9),
      min: fc.integer({ min: 1, max: 20 }),
      gap: fc.nat(2),
    });
    const table = fc.uniqueArray(column, { selector: ({ id }) => id, maxLength: 8 });
    fc.assert(
      fc.property(table, fc.nat(150), (list, width) => {
        const growing = list.map(({ id, min }) => ({ id, to: 2 * min }));
        const shown = fitColumns(list, growing, width);
        const wider = new Set(fitColumns(list, growing, width + 1).map(({ id }) => id));
        for (const { id } of shown) expect(wider).toContain(id);
        const always = list.filter(({ rank }) => rank === 0);
        expect(fittedWidth(shown)).toBeLessThanOrEqual(
          Math.max(width, fittedWidth(fitColumns(always, [], 0))),
        );
      }),
    );
  });
});
