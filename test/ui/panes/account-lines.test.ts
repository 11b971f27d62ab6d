import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { accountStates, type AccountId, type AccountView } from '../../../source/shared/types.ts';
import { accountColumns } from '../../../source/ui/panes/account-columns.ts';
import { accountHeading, accountLines, tinyAccountLines } from '../../../source/ui/panes/account-lines.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { accountOf, busyState, later, now, windowOf } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const { accounts } = busyState;
const minute = 60_000;
const next = 'id-work' as AccountId;

const show = (width: number, list: readonly AccountView[] = accounts, selected = 0): string[] =>
  accountLines(theme, list, accountColumns(list, width, width >= 90), { width, selected, next, now })
    .flat()
    .map((line) => line.trimEnd());
const heading = (width: number, list: readonly AccountView[] = accounts): string =>
  accountHeading(theme, accountColumns(list, width, true), width).trimEnd();
const tiny = (list: readonly AccountView[] = accounts): string[] =>
  tinyAccountLines(theme, list, { width: 30, selected: 0, next, now }).map((line) => line.trimEnd());

describe('accountLines', () => {
  it('shows a gauge with percent and countdown for every window of a wide screen', () => {
    expect([heading(100), ...show(100)]).toEqual([
      '    account state        5h         used  resets  7d         used  resets    req flight',
      '>→● work    serving      ▮▮▮▮▮▮▮▯▯▯  68%   1h42m  ▮▮▮▯▯▯▯▯▯▯  31%    3d4h    412      3',
      '  ● home    ready        ▮▮▯▯▯▯▯▯▯▯  19%   4h05m  ▮▮▮▮▯▯▯▯▯▯  44%  46h00m    150      0',
      '  ✗ team-a  limited 5h   ▮▮▮▮▮▮▮▮▮▮ 100%     12m  ▮▮▮▮▮▮▮▯▯▯  72%   5d10h    980      0',
      '  ○ spare   paused                                                             2      0',
    ]);
  });

  it('names the windows in the rows where there is no heading, and has one bar where there is little room', () => {
    expect(show(60)).toEqual([
      '>→● work    serving  5h ▮▮▮▮▯▯  68%   1h42m  7d  31%    3d4h',
      '  ● home    ready    5h ▮▯▯▯▯▯  19%   4h05m  7d  44%  46h00m',
      '  ✗ team-a  limited  5h ▮▮▮▮▮▮ 100%     12m  7d  72%   5d10h',
      '  ○ spare   paused',
    ]);
    expect(show(46)[0]).toBe('>→● work    serving  5h ▮▮▮▮▮▮▯▯▯  68%   1h42m');
  });

  it('puts what else is to be said into the row where it finds room, else below', () => {
    const windows = [windowOf('5h', 0.5, 60 * minute)];
    const failing = accountOf('a', {
      state: 'benched',
      reason: 'overloaded (529)',
      availableAt: later(5 * minute),
      windows,
    });
    expect(show(140, [failing])).toEqual([expect.stringMatching(/ overloaded \(529\); back in 5m00s$/)]);
    expect(show(60, [failing])[1]).toBe('    overloaded (529); back in 5m00s');
    expect(show(100, [accounts[0]!, { ...failing, windows: [] }])[1]).toMatch(
      /^ {2}◐ a {7}benched {6}overloaded \(529\); back in 5m00s +0 +0$/,
    );
  });

  it('moves nothing below when an account only rests for seconds', () => {
    const windows = [windowOf('5h', 0.5, 60 * minute)];
    const resting = accountOf('a', {
      state: 'benched',
      reason: 'overloaded',
      availableAt: later(8000),
      windows,
    });
    expect(show(70, [resting])).toEqual([expect.stringMatching(/^> ◐ a {5}benched 8s +5h/)]);
    expect(show(50, [resting])).toHaveLength(1);
  });

  it('takes whatever windows an account has', () => {
    const odd = accountOf('classic', {
      windows: [
        windowOf('output-tokens', 0.1, 30_000),
        windowOf('requests', null, null),
        { ...windowOf('7d_opus', 1.25, minute), scope: 'opus' },
      ],
    });
    const other = accountOf('other', { windows: [windowOf('5h', 0.004, minute)] });
    const [row = '', second] = show(200, [odd, other]);
    expect(row).toMatch(/ output ▮▮▯{18} +10% +30s /);
    // The other places are one account's alone: the heading names them.
    expect(row).toMatch(/30s +— +— {2}▮{20} 125% +1m00s /);
    expect(second).toMatch(/ 5h {5}▮▯{19} +<1% +1m00s/);
    expect(heading(200, [odd, other])).toMatch(
      /limit +used +resets {2}req +used +resets {2}7d opus +used +resets /,
    );
  });

  it('names the columns as they are read when accounts have windows of different kinds', () => {
    const key = accountOf('key', {
      windows: [windowOf('requests', 0.1, minute), windowOf('tokens', 0.2, minute)],
    });
    const plan = accountOf('plan', { windows: [windowOf('5h', 0.3, minute), windowOf('7d', 0.4, minute)] });
    expect([heading(100, [key, plan]), ...show(100, [key, plan])].map((each) => each.trimEnd())).toEqual([
      '    account state        limit          used  resets  limit          used  resets    req flight',
      '> ● key     ready        req ▮▯▯▯▯▯▯▯▯▯  10%   1m00s  tok ▮▮▯▯▯▯▯▯▯▯  20%   1m00s      0      0',
      '  ● plan    ready        5h  ▮▮▮▯▯▯▯▯▯▯  30%   1m00s  7d  ▮▮▮▮▯▯▯▯▯▯  40%   1m00s      0      0',
    ]);
  });

  it('says that no limit is known where there is room, and never on a line of its own', () => {
    expect(show(100, [accountOf('new')])[0]).toMatch(/ready +no limits known +0 +0$/);
    expect(show(46, [accountOf('new')])).toEqual([expect.stringMatching(/ready +no limits known *$/)]);
    expect(show(30, [accountOf('new')])).toHaveLength(1);
  });

  it('keeps its columns whatever the names are made of', () => {
    const windows = [windowOf('5h', 0.5, minute)];
    const list = [
      ...accounts,
      accountOf('日本語のアカウント', { windows }),
      accountOf('e\u0301'.repeat(9), { windows }),
      accountOf('\u001B[2J', { windows }),
    ];
    for (const width of [46, 60, 90, 100, 160]) {
      const widths = accountLines(theme, list, accountColumns(list, width, false), {
        width,
        selected: 0,
        next,
        now,
      }).map(([line = '']) => displayWidth(line));
      expect(new Set(widths).size).toBe(1);
      expect(widths[0]).toBeLessThanOrEqual(width);
    }
  });

  it.each(hostileText)('lets no %s in a name, a reason or a window act on the terminal', (_, text) => {
    const hostile = accountOf(text, {
      state: 'error',
      reason: text,
      windows: [{ ...windowOf(text, 0.5, minute), scope: text, status: text }],
    });
    for (const width of [46, 60, 100, 200]) {
      const columns = accountColumns([hostile], width, width >= 90);
      const lines = accountLines(theme, [hostile], columns, { width, selected: 0, next, now }).flat();
      lines.push(accountHeading(theme, columns, width), ...tiny([hostile]));
      for (const line of lines) {
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  it('tells every state, the selection and who is next by words and glyphs, without colours', () => {
    for (const ascii of [false, true]) {
      const mono = createTheme({ ascii, color: false });
      const lines = accountStates.map((state) => {
        const list = [accountOf('x', { state })];
        const columns = accountColumns(list, 90, true);
        return accountLines(mono, list, columns, { width: 90, selected: -1, next: null, now }).join();
      });
      expect(new Set(lines).size).toBe(accountStates.length);
      for (const [index, state] of accountStates.entries()) expect(lines[index]).toContain(state);
      expect(new Set([mono.glyphs.select, mono.glyphs.next, ' ']).size).toBe(3);
    }
  });
});

describe('tinyAccountLines', () => {
  it('shows the tightest window, or the state of what does not serve', () => {
    expect(tiny()).toEqual([
      '>→● work           68%   1h42m',
      '  ● home           44%  46h00m',
      '  ✗ team-a     limited     12m',
      '  ○ spare       paused',
    ]);
  });

  it('has the state of an account without windows', () => {
    expect(tiny([accountOf('new')])[0]).toMatch(/^> ● new +ready *$/);
  });
});
