import { describe, expect, it } from 'vitest';
import { idleLines, onboardingLines, smallLine } from '../../../source/ui/panes/welcome.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const theme = createTheme({ ascii: false, color: false });
const url = 'http://127.0.0.1:4180';

describe('onboardingLines', () => {
  it('says what to type, ready to copy', () => {
    expect(onboardingLines(theme, url, 80)).toEqual([
      '   No account yet. In another shell, add one:',
      '     ccr-tui account add work',
      '   Then point a client here:',
      '     ccr-tui run -- claude',
      '     ANTHROPIC_BASE_URL=http://127.0.0.1:4180',
    ]);
  });

  it('names no address before there is one', () => {
    expect(onboardingLines(theme, null, 80).join('\n')).not.toContain('ANTHROPIC_BASE_URL');
  });

  it('fits into the four lines of the smallest screen', () => {
    const lines = onboardingLines(theme, url, 30);
    expect(lines).toHaveLength(4);
    expect(lines.join('\n')).toContain('ccr-tui run -- claude');
  });
});

describe('idleLines', () => {
  it('says how to send a first request', () => {
    expect(idleLines(theme, url, 100)).toEqual([
      '  No request yet. Try ccr-tui run -- claude or set ANTHROPIC_BASE_URL=http://127.0.0.1:4180',
    ]);
    for (const line of idleLines(theme, url, 30)) expect(line.length).toBeLessThanOrEqual(30);
  });
});

describe('smallLine', () => {
  it('never is wider than the terminal', () => {
    expect(smallLine({ columns: 24, rows: 5 })).toBe('30x6 needed, have 24x5');
    expect(smallLine({ columns: 5, rows: 5 })).toBe('30x6 ');
  });
});
