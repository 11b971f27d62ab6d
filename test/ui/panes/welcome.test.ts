import { describe, expect, it } from 'vitest';
import { idleLines, onboardingLines, smallLine } from '../../../source/ui/panes/welcome.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const theme = createTheme({ ascii: false, color: false });

describe('onboardingLines', () => {
  it('names the keys, and what to type in a shell', () => {
    expect(onboardingLines(theme, 80)).toEqual([
      '   No account yet.',
      '     a  adds one here: paste its key, then Enter',
      '     c  shows what to set in a client, ready to copy',
      '   The same from another shell:',
      '     ccr-tui account add work',
      '     ccr-tui run -- claude',
    ]);
  });

  it('fits into the four lines of the smallest screen', () => {
    expect(onboardingLines(theme, 30)).toEqual([
      ' No account yet: a adds one.',
      ' c shows how to connect. Or:',
      '   ccr-tui account add work',
      '   ccr-tui run -- claude',
    ]);
  });
});

describe('idleLines', () => {
  it('says how to send a first request', () => {
    expect(idleLines(theme, 100)).toEqual([
      '  No request yet. Try ccr-tui run -- claude in another shell; c shows what else there is.',
    ]);
    for (const line of idleLines(theme, 30)) expect(line.length).toBeLessThanOrEqual(30);
  });
});

describe('smallLine', () => {
  it('never is wider than the terminal', () => {
    expect(smallLine({ columns: 24, rows: 5 })).toBe('30x6 needed, have 24x5');
    expect(smallLine({ columns: 5, rows: 5 })).toBe('30x6 ');
  });
});
