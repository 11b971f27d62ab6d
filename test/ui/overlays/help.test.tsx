import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { HelpTable } from '../../../source/ui/overlays/help.tsx';
import { helpRows, helpTableSize } from '../../../source/ui/overlays/help-rows.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const size = { columns: helpTableSize.columns, rows: helpTableSize.rows + 2 };
const show = (ascii = false): string[] => {
  const theme = createTheme({ ascii, color: false });
  return renderToString(<HelpTable theme={theme} layout={size} />, { columns: size.columns }).split('\n');
};

describe('HelpTable', () => {
  it('has all keys and is exactly as large as expected', () => {
    const drawn = show().filter((line) => line !== '');
    expect(drawn).toHaveLength(helpTableSize.rows);
    expect(Math.max(...drawn.map((line) => line.length))).toBe(helpTableSize.columns);
    for (const { does } of helpRows) expect(drawn.join('\n')).toContain(does);
  });

  it('has no escape codes without colours, and only ASCII where that is asked for', () => {
    expect(show().join('')).not.toMatch(/\p{Cc}/u);
    expect(show(true).join('')).toMatch(/^[\x20-\x7e]*$/);
  });
});
