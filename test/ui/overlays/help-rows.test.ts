import { describe, expect, it } from 'vitest';
import { actions } from '../../../source/shared/actions.ts';
import { layoutFor } from '../../../source/ui/layout.ts';
import { helpLines, helpRows, helpTableFits, helpTableSize } from '../../../source/ui/overlays/help-rows.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const theme = createTheme({ ascii: false, color: false });

describe('helpRows', () => {
  it('has every key of the action table', () => {
    const onScreen = actions.filter(({ screen }) => screen !== undefined);
    expect(helpRows.map(({ does }) => does)).toEqual(onScreen.map(({ help }) => help));
    expect(helpRows).toContainEqual({ keys: 'j, Down', where: '', does: 'next row' });
  });
});

describe('helpLines', () => {
  it('takes the place of the table where that has no room', () => {
    const { columns, rows } = helpTableSize;
    expect(helpTableFits(layoutFor({ columns: Math.max(columns, 90), rows: rows + 2 }, 1, 'accounts'))).toBe(
      true,
    );
    expect(helpTableFits(layoutFor({ columns: columns - 1, rows: 60 }, 1, 'accounts'))).toBe(false);
    expect(helpTableFits(layoutFor({ columns: 200, rows: rows + 1 }, 1, 'accounts'))).toBe(false);
  });

  it('fits at every size', () => {
    for (const columns of [30, 46, 70]) {
      for (const rows of [6, 12, 24]) {
        const lines = helpLines(theme, layoutFor({ columns, rows }, 1, 'accounts'));
        expect(lines.length).toBeLessThanOrEqual(rows - 2);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
  });
});
