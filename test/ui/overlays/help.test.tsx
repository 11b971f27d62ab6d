import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { layoutFor } from '../../../source/ui/layout.ts';
import { Help } from '../../../source/ui/overlays/help.tsx';
import { helpRows, helpTableSize } from '../../../source/ui/overlays/help-rows.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const show = (columns: number, rows: number, ascii = false): string[] => {
  const theme = createTheme({ ascii, color: false });
  const layout = layoutFor({ columns, rows }, 1, 'accounts');
  return renderToString(<Help theme={theme} layout={layout} />, { columns }).split('\n');
};

describe('Help', () => {
  it('is a table of all keys where there is room, exactly as large as expected', () => {
    const lines = show(100, 30);
    const drawn = lines.filter((line) => line !== '');
    expect(drawn).toHaveLength(helpTableSize.rows);
    expect(Math.max(...drawn.map((line) => line.length))).toBe(helpTableSize.columns);
    for (const { does } of helpRows) expect(lines.join('\n')).toContain(does);
  });

  it('has no escape codes without colours, and only ASCII where that is asked for', () => {
    expect(show(100, 30).join('')).not.toMatch(/\p{Cc}/u);
    expect(show(100, 30, true).join('')).toMatch(/^[\x20-\x7e]*$/);
    expect(show(60, 20, true).join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  it('is a list without borders where there is not', () => {
    const text = show(60, 20).join('\n');
    for (const { does } of helpRows) expect(text).toContain(does);
    expect(text).not.toContain('│');
  });
});
