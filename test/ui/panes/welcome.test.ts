import { describe, expect, it } from 'vitest';
import { idleLines, onboardingLines, smallLine } from '../../../source/ui/panes/welcome.ts';
import { createKeymap, standardKeys } from '../../../source/ui/keymap.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const theme = createTheme({ ascii: false, color: false });

describe('onboardingLines', () => {
  it('names the keys that lead on, and nothing else', () => {
    expect(onboardingLines(theme, 80)).toEqual([
      '   No account yet.',
      '     a  add an API key: paste it, then Enter',
      '     I  import accounts of Claude Code or another tool',
      '     R  sign in to a Claude login with the browser',
      '     c  connect Claude Code or another client',
      '     d  look at a demo, q comes back',
    ]);
  });

  it('names them all in the four lines of the smallest screen', () => {
    expect(onboardingLines(theme, 30)).toEqual([
      ' No account yet.',
      '  a add a key  I import',
      '  R sign in    c connect',
      '  d demo',
    ]);
  });

  it('names the keys as the person has them, and only those that there are', () => {
    const others: Readonly<Record<string, string[]>> = { 'account.add': ['ctrl+a'], 'demo.show': [] };
    const own = standardKeys.actions.map((action) => {
      const keys = others[action.name] ?? action.screen.keys;
      return { ...action, screen: { ...action.screen, keys } };
    });
    const text = onboardingLines(theme, 80, createKeymap(own)).join('\n');
    expect(text).toMatch(/ Ctrl-A {2}add an API key/);
    expect(text).toMatch(/ c {7}connect/);
    expect(text).not.toContain('demo');
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
