import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../source/shared/display-width.ts';
import { textTable, type TextColumn } from '../../source/shared/text-table.ts';

const columns: readonly TextColumn[] = [
  { title: 'NAME', align: 'left' },
  { title: 'STATE', align: 'left' },
  { title: 'REQUESTS', align: 'right' },
];

describe('textTable', () => {
  test('aligns columns under their titles and leaves no trailing spaces', () => {
    expect(
      textTable(columns, [
        ['work', 'ready', '12'],
        ['home-account', 'limited', '7'],
      ]),
    ).toEqual([
      'NAME          STATE    REQUESTS',
      'work          ready          12',
      'home-account  limited         7',
    ]);
  });

  test('without rows there are only titles; a missing cell is blank', () => {
    expect(textTable(columns, [])).toEqual(['NAME  STATE  REQUESTS']);
    expect(textTable(columns, [['work']])).toEqual(['NAME  STATE  REQUESTS', 'work']);
  });

  test('wide characters keep the columns aligned', () => {
    const lines = textTable(columns, [
      ['漢字漢字', 'ready', '1'],
      ['work', 'ready', '1'],
    ]);
    expect(lines.map(displayWidth)).toEqual([25, 25, 25]);
  });

  test('in a narrow place the widest column is cut first', () => {
    expect(textTable(columns, [['a-very-long-account-name', 'ready', '12']], 28)).toEqual([
      'NAME         STATE  REQUESTS',
      'a-very-lon…  ready        12',
    ]);
  });

  test('what a cell holds cannot reach the terminal as a command', () => {
    expect(textTable([{ title: 'NAME', align: 'left' }], [['\x1b[2Jx\ny']])).toEqual([
      'NAME',
      '\\x1b[2Jx\\ny',
    ]);
  });

  test('no line is wider than the place, down to one column each', () => {
    const row = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 8, max: 120 }), (rows, width) => {
        for (const line of textTable(columns, rows, width))
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
