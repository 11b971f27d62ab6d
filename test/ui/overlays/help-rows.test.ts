import { describe, expect, it } from 'vitest';
import { actions } from '../../../source/shared/actions.ts';
import { displayWidth } from '../../../source/shared/display-width.ts';
import {
  helpGroups,
  helpLines,
  helpPlace,
  helpRows,
  helpTableFits,
  helpTableSize,
} from '../../../source/ui/overlays/help-rows.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const theme = createTheme({ ascii: false, color: false });
const onScreen = actions.filter(({ screen }) => screen !== undefined);
const words = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('helpRows', () => {
  it('has every key of the action table, as people read keys', () => {
    expect(helpRows.map(({ does }) => does)).toEqual(
      onScreen.map(({ screen, help }) => screen?.help ?? help),
    );
    expect(helpRows).toContainEqual({ keys: 'j, Down', where: '', does: 'next row' });
  });
});

describe('helpGroups', () => {
  it('has every key once, by what it is for', () => {
    const all = helpGroups.flatMap(({ rows }) => rows.map(({ does }) => does));
    expect(all.toSorted()).toEqual(onScreen.map(({ screen, help }) => screen?.help ?? help).toSorted());
    const titleOf = (does: string): string | undefined =>
      helpGroups.find(({ rows }) => rows.some((row) => row.does === does))?.title;
    expect(titleOf('next row')).toBe('Move');
    expect(titleOf('next pane')).toBe('Panes');
    expect(titleOf('pause or resume the selected account')).toBe('Accounts');
    expect(titleOf('draw the screen anew')).toBe('All');
  });
});

describe('helpLines', () => {
  it('says everything at every width, in lines that fit', () => {
    for (let columns = 30; columns <= 200; columns += 1) {
      const lines = helpLines(theme, { columns, rows: 24 });
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      // Two columns stand side by side, so their wrapped texts are mixed.
      if (columns >= 96) continue;
      const text = words(lines.join(' '));
      for (const { does } of helpRows) expect(text).toContain(does);
    }
  });

  it('stands side by side where there is room, and then fits into 30 rows', () => {
    const lines = helpLines(theme, { columns: 100, rows: 30 });
    expect(lines.length).toBeLessThanOrEqual(28);
    const sides = [lines.map((line) => line.slice(0, 49)), lines.map((line) => line.slice(49))];
    const text = words(sides.flat().join(' '));
    for (const { does } of helpRows) expect(text).toContain(does);
  });
});

describe('helpPlace', () => {
  it('tells how much of it is seen', () => {
    const { lines, height } = helpPlace(theme, { columns: 30, rows: 6 });
    expect(height).toBe(4);
    expect(lines).toBe(helpLines(theme, { columns: 30, rows: 6 }).length);
  });
});

describe('helpTableFits', () => {
  it('is true from the size of the table on', () => {
    const { columns, rows } = helpTableSize;
    expect(helpTableFits({ columns, rows: rows + 2 })).toBe(true);
    expect(helpTableFits({ columns: columns - 1, rows: 90 })).toBe(false);
    expect(helpTableFits({ columns: 200, rows: rows + 1 })).toBe(false);
  });
});
