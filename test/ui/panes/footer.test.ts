import { describe, expect, it } from 'vitest';
import { footerLine, noticeLine } from '../../../source/ui/panes/footer.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const theme = createTheme({ ascii: false, color: false });

describe('footerLine', () => {
  const keys = [
    { key: 'p', text: 'pause' },
    { key: 'a', text: 'add' },
    { key: 'Tab', text: 'pane' },
    { key: '?', text: 'help' },
    { key: 'q', text: 'quit' },
  ];

  it('names the keys that mean something now', () => {
    expect(footerLine(theme, keys, { kind: 'wide', columns: 100 })).toBe(
      ' p pause  a add  Tab pane  ? help  q quit',
    );
  });

  it('drops the least needed first and keeps help and quit to the last', () => {
    expect(footerLine(theme, keys, { kind: 'tiny', columns: 32 })).toBe('p pause  a add  ? help  q quit');
    expect(footerLine(theme, keys, { kind: 'tiny', columns: 24 })).toBe('p pause  ? help  q quit');
    expect(footerLine(theme, keys, { kind: 'tiny', columns: 20 })).toBe('? help  q quit');
  });

  it('says what must be known before any key', () => {
    const noted = (columns: number): string =>
      footerLine(theme, keys, { kind: 'tiny', columns }, 'filter 2/1000');
    expect(noted(40)).toBe('filter 2/1000  p pause  ? help  q quit');
    expect(noted(30)).toBe('filter 2/1000  ? help  q quit');
    expect(noted(22)).toBe('filter 2/1000  ? help');
    expect(noted(13)).toBe('filter 2/1000');
  });
});

describe('noticeLine', () => {
  it('is one safe line', () => {
    expect(noticeLine(theme, 'draining 3\n\u001B[2J', 40).trimEnd()).toBe(' draining 3\\n\\x1b[2J');
  });
});
