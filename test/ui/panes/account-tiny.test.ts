import { describe, expect, it } from 'vitest';
import type { AccountId, AccountView } from '../../../source/shared/types.ts';
import { tinyAccountLines } from '../../../source/ui/panes/account-tiny.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, busyState, now, windowOf } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const next = 'id-work' as AccountId;
const tiny = (list: readonly AccountView[] = busyState.accounts): string[] =>
  tinyAccountLines(theme, list, { width: 30, selected: 0, next, now }).map((line) => line.trimEnd());

describe('tinyAccountLines', () => {
  it('shows the tightest window by its name, or the state of what does not serve', () => {
    expect(tiny()).toEqual([
      '>→● work        5h 68%   1h42m',
      '  ● home        7d 44%  46h00m',
      '  ✗ team-a     limited     12m',
      '  ○ spare       paused',
    ]);
  });

  it('has the state of an account without windows', () => {
    expect(tiny([accountOf('new')])[0]).toMatch(/^> ● new +ready *$/);
  });

  it('takes no window of one model, and none on top of the plan, for the one of the account', () => {
    const windows = [
      windowOf('5h', 0.2, 60_000),
      windowOf('overage', 0.9, 60_000),
      { ...windowOf('7d_opus', 0.95, 60_000), scope: 'opus' },
    ];
    expect(tiny([accountOf('max', { windows })])[0]).toMatch(/ 5h 20% /);
    expect(tiny([accountOf('max', { windows: windows.slice(2) })])[0]).toMatch(/ 95% /);
  });
});
