import { describe, expect, it } from 'vitest';
import { footerLine, logLine, noticeLine } from '../../../source/ui/panes/footer.ts';
import { footerKeys } from '../../../source/ui/keymap.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });

describe('footerLine', () => {
  it('names the keys that mean something now', () => {
    const keys = footerKeys('accounts', true);
    expect(footerLine(theme, keys, { kind: 'wide', columns: 100 })).toBe(
      ' p pause/resume  Tab pane  ? help  q quit',
    );
  });

  it('keeps help and quit to the last', () => {
    const keys = footerKeys('accounts', true);
    expect(footerLine(theme, keys, { kind: 'tiny', columns: 30 })).toBe('p pause/resume  ? help  q quit');
    expect(footerLine(theme, keys, { kind: 'tiny', columns: 20 })).toBe('? help  q quit');
  });
});

describe('logLine', () => {
  it('shows time, level and sentence of the newest entry', () => {
    const entry = { seq: 1, at: now, level: 'warning' as const, text: 'team-a reached its 5h limit' };
    expect(logLine(theme, entry, 60).trimEnd()).toMatch(
      /^ \d\d:\d\d:\d\d {2}warning: team-a reached its 5h limit$/,
    );
    expect(logLine(theme, { ...entry, level: 'info' }, 60)).not.toContain('info');
    expect(logLine(theme, undefined, 60)).toBe('');
  });
});

describe('noticeLine', () => {
  it('is one safe line', () => {
    expect(noticeLine(theme, 'draining 3\n\u001B[2J', 40).trimEnd()).toBe(' draining 3\\n\\x1b[2J');
  });
});
