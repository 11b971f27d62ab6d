import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import {
  accountStates,
  type AccountId,
  type AccountView,
  type EpochMs,
} from '../../../source/shared/types.ts';
import { accountColumns } from '../../../source/ui/panes/account-columns.ts';
import { accountHeading, accountLines } from '../../../source/ui/panes/account-lines.ts';
import { tinyAccountLines } from '../../../source/ui/panes/account-tiny.ts';
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
/** A narrow screen with many rows has headings, too. */
const headed = (width: number, list: readonly AccountView[]): string[] =>
  accountLines(theme, list, accountColumns(list, width, true), { width, selected: 0, next, now }).flat();
const heading = (width: number, list: readonly AccountView[] = accounts): string =>
  accountHeading(theme, accountColumns(list, width, true), width).trimEnd();
const tiny = (list: readonly AccountView[] = accounts): string[] =>
  tinyAccountLines(theme, list, { width: 30, selected: 0, next, now }).map((line) => line.trimEnd());

describe('accountLines', () => {
  it('shows a gauge with percent and countdown for every window of a wide screen', () => {
    expect([heading(100), ...show(100)]).toEqual([
      '    account state        5h        used  resets  empty  7d        used  resets  empty    req flight',
      '>→● work    serving      ▮▮▮▮▮▮▯▯▯  68%   1h42m      —  ▮▮▮▯▯▯▯▯▯  31%    3d4h      —    412      3',
      '  ● home    ready        ▮▮▯▯▯▯▯▯▯  19%   4h05m      —  ▮▮▮▮▯▯▯▯▯  44%  46h00m      —    150      0',
      '  ✗ team-a  limited 5h   ▮▮▮▮▮▮▮▮▮ 100%     12m    now  ▮▮▮▮▮▮▯▯▯  72%   5d10h      —    980      0',
      '  ○ spare   paused                                                                         2      0',
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

  it('has the window that decides where there is room for one, and names it', () => {
    const deciding = (part: Partial<AccountView>) => show(46, [accountOf('work', part)])[0];
    const windows = [windowOf('5h', 0.3, 60 * minute), windowOf('7d', 0.9, 300 * minute)];
    expect(deciding({ windows })).toMatch(/ ready +7d ▮+▯ +90% +5h00m$/);
    expect(
      deciding({ windows: [windowOf('5h', 0.3, 60 * minute), windowOf('7d', 0.5, 300 * minute)] }),
    ).toMatch(/ 5h ▮+▯+ +30% +1h00m$/);
    expect(
      deciding({
        state: 'limited',
        windows: [windowOf('5h', 0.9, 60 * minute), windowOf('7d', 1, 300 * minute)],
      }),
    ).toMatch(/ limited +7d ▮+ +100% +5h00m$/);
    // What a heading calls 5h is nothing else.
    const [row] = headed(46, [accountOf('work', { windows })]);
    expect(heading(46, [accountOf('work', { windows })])).toMatch(/ 5h +used +resets$/);
    expect(row).toMatch(/ 30% +1h00m *$/);
  });

  it('says that an account serves for money, in the row or below it, and where nothing else fits instead of its state', () => {
    const windows = [windowOf('5h', 0.5, 60 * minute)];
    const account = accountOf('a', { onOverage: true, state: 'serving', windows });
    expect(show(130, [account])[0]).toMatch(/ serving .* serves from paid overage$/);
    expect(show(60, [account])[0]).toMatch(/ serving +5h /);
    expect(show(36, [account])).toEqual([
      expect.stringMatching(/ overage +5h /),
      '    serves from paid overage',
    ]);
    expect(show(100, [{ ...account, windows: [] }]).join('\n')).toContain(
      'serves from paid overage; no limits known',
    );
  });

  it('names the plan where there is room for it', () => {
    const windows = [windowOf('5h', 0.5, 60 * minute)];
    const account = accountOf('a', { plan: 'max', caps: { '5h': 0.8 }, windows });
    expect(show(130, [account])[0]).toMatch(/ max; cap 5h 80%$/);
    expect(show(46, [account])).toHaveLength(1);
  });

  it('has lines for the windows below a row, where they are asked for', () => {
    const windows = ['5h', '7d', '30d'].map((id) => windowOf(id, 0.97, 60 * minute));
    const list = [accountOf('a', { windows, plan: 'max' })];
    const below = (facts: 'none' | 'hidden' | 'all') => {
      const columns = accountColumns(list, 90, true);
      const place = { width: 90, selected: 0, next: null, now, facts };
      return accountLines(theme, list, columns, place)
        .flat()
        .slice(1)
        .map((line) => line.trim().slice(0, 12));
    };
    expect(below('none')).toEqual(['30d 97%, res']);
    expect(below('hidden')).toEqual(['30d ▮▮▮▮▮▮▮▮']);
    expect(below('all')).toEqual(['plan max', '5h      ▮▮▮▮', '7d      ▮▮▮▮', '30d     ▮▮▮▮']);
  });

  it('says all of a reason where the accounts have the whole screen, and one line of it elsewhere', () => {
    const reason = 'the provider refused its token; make another one and add it again '.repeat(3).trim();
    const list = [accountOf('a', { state: 'needs-login', reason, windows: [windowOf('5h', 0.5, 9e6)] })];
    const below = (facts: 'none' | 'all'): string[] => {
      const place = { width: 90, selected: 0, next: null, now, facts };
      return accountLines(theme, list, accountColumns(list, 90, true), place)
        .flat()
        .slice(1);
    };
    expect(below('none').map((text) => text.trimEnd().slice(-1))).toEqual(['…']);
    expect(
      below('all')
        .map((text) => text.trim())
        .join(' '),
    ).toContain(reason);
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

  it('shows beside the countdowns when windows will be empty, in the same columns whatever is known', () => {
    const windows = [windowOf('5h', 0.5, 60 * minute), windowOf('7d', 0.2, 5000 * minute)];
    const known = (emptyAt: EpochMs | null) => ({ emptyAt, perHour: 0.2 });
    const list = [
      accountOf('dry', { windows, forecast: { '5h': known(later(20 * minute)), '7d': known(null) } }),
      accountOf('thin', { windows }),
      accountOf('far', { windows, forecast: { '7d': known(later(48 * 60 * minute)) } }),
      accountOf('spent', { windows: [windowOf('5h', 1, minute), windowOf('7d', 0.2, minute)] }),
    ];
    const texts = show(120, list).map((row) => row.replaceAll(/[▮▯]/g, '').replaceAll(/ +/g, ' '));
    expect(texts[0]).toMatch(/ 50% 1h00m ~\d\d:\d\d 20% 3d12h no /);
    expect(texts[1]).toContain(' 50% 1h00m — 20% 3d12h — ');
    expect(texts[2]).toMatch(/ 50% 1h00m — 20% 3d12h ~[A-Z][a-z]{2} /);
    expect(texts[3]).toContain(' 100% 1m00s now 20% 1m00s — ');
    const ends = show(120, list).map((row) => row.indexOf('%'));
    expect(new Set(ends).size).toBe(1);
    expect(heading(120, list)).toMatch(/5h +used +resets {2}empty {2}7d +used +resets {2}empty /);
    // Where there is little room the first window's comes before the bar of the second.
    expect(headed(80, list)[0]).toMatch(/~\d\d:\d\d/);
    // Where no heading could name it, it takes the place of the bar of a window that does not last.
    const narrow = show(60, list);
    expect(narrow[0]).toMatch(/ 5h +~\d\d:\d\d +50% +1h00m /);
    expect(narrow[1]).toMatch(/ 5h ▮+▯+ +50% +1h00m /);
    expect(narrow[3]).toMatch(/ 5h ▮+ +100% +1m00s /);
    const lasts = accountOf('lasts', { windows, forecast: { '5h': known(null) } });
    expect(show(60, [lasts])[0]).toMatch(/ 5h ▮+▯+ +50% /);
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
    expect(row).toMatch(/ out ▮▮▯{18} +10% +30s /);
    // The other places are one account's alone: the heading names them.
    expect(row).toMatch(/30s +— +— {2}▮{20} 125% +1m00s /);
    expect(second).toMatch(/ 5h {2}▮▯{19} +<1% +1m00s/);
    expect(heading(200, [odd, other])).toMatch(
      /limit +used +resets {2}empty {2}req +used +resets {2}7d opus +used +resets /,
    );
  });

  it('names the columns as they are read when accounts have windows of different kinds', () => {
    const key = accountOf('key', {
      windows: [windowOf('requests', 0.1, minute), windowOf('tokens', 0.2, minute)],
    });
    const plan = accountOf('plan', { windows: [windowOf('5h', 0.3, minute), windowOf('7d', 0.4, minute)] });
    expect([heading(100, [key, plan]), ...show(100, [key, plan])].map((each) => each.trimEnd())).toEqual([
      '    account state        limit         used  resets  empty  limit         used  resets    req flight',
      '> ● key     ready        req ▮▯▯▯▯▯▯▯▯  10%   1m00s         tok ▮▮▯▯▯▯▯▯▯  20%   1m00s      0      0',
      '  ● plan    ready        5h  ▮▮▮▯▯▯▯▯▯  30%   1m00s      —  7d  ▮▮▮▮▯▯▯▯▯  40%   1m00s      0      0',
    ]);
  });

  it('says that no limit is known where there is room, and never on a line of its own', () => {
    expect(show(100, [accountOf('new')])[0]).toMatch(/ready +no limits known +0 +0$/);
    expect(show(46, [accountOf('new')])).toEqual([expect.stringMatching(/ready +no limits known *$/)]);
    expect(show(30, [accountOf('new')])).toHaveLength(1);
  });

  it('says what its owner keeps it from where there is room, and never on a line of its own', () => {
    const caps = { '5h': 0.8 };
    const kept = accountOf('kept', { caps, models: ['claude-haiku-*'] });
    expect(show(100, [kept])[0]).toMatch(/ready .*cap 5h 80%; claude-haiku-\* only$/);
    expect(show(40, [kept])).toHaveLength(1);
    const windows = [windowOf('5h', 0.5, minute), windowOf('7d', 0.5, minute)];
    expect(show(100, [accountOf('busy', { caps, windows })])).toHaveLength(1);
    expect(show(160, [accountOf('busy', { caps, windows })])[0]).toContain('cap 5h 80%');
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
      expect(new Set([mono.glyphs.select, mono.glyphs.next, mono.glyphs.preferred, ' ']).size).toBe(4);
    }
  });
});
