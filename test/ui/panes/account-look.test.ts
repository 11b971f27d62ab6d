import { describe, expect, it } from 'vitest';
import { accountStates, type LimitWindow } from '../../../source/shared/types.ts';
import {
  limitingWindow,
  looks,
  orderedWindows,
  resetText,
  restsBriefly,
  rowWindows,
  stateText,
  windowLabel,
  windowTone,
} from '../../../source/ui/panes/account-look.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, busyState, later, now, windowOf } from '../sample.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('looks', () => {
  it('tells every state by its words, short and long, and none by a glyph that the terminal lacks', () => {
    expect(new Set(accountStates.map((state) => looks[state].short)).size).toBe(accountStates.length);
    for (const state of accountStates) {
      expect(state.length).toBeLessThanOrEqual(11);
      expect(looks[state].short.length).toBeLessThanOrEqual(7);
      for (const ascii of [false, true]) {
        expect(createTheme({ ascii, color: false }).glyphs[looks[state].glyph]).toHaveLength(1);
      }
    }
  });
});

describe('stateText', () => {
  it('names the window that limits, the one that opens last when there are two', () => {
    expect(stateText(busyState.accounts[2]!, now)).toBe('limited 5h');
    const both = accountOf('a', {
      state: 'limited',
      windows: [windowOf('5h', 1, hour), windowOf('7d', 1.2, 30 * hour)],
    });
    expect(stateText(both, now)).toBe('limited 7d');
    expect(limitingWindow(both)?.id).toBe('7d');
  });

  it('is the state alone when no window of it is known, or its name is too long', () => {
    expect(stateText(accountOf('a', { state: 'limited' }), now)).toBe('limited');
    const odd = accountOf('a', { state: 'limited', windows: [windowOf('fortnight', 1, hour)] });
    expect(stateText(odd, now)).toBe('limited');
    const scoped = { ...windowOf('7d_opus', 1, hour), scope: 'opus' };
    expect(limitingWindow(accountOf('a', { state: 'limited', windows: [scoped] }))).toBeNull();
  });

  it('counts a short rest down', () => {
    const resting = accountOf('a', { state: 'benched', availableAt: later(8000) });
    expect(stateText(resting, now)).toBe('benched 8s');
    expect(stateText(resting, later(9000))).toBe('benched');
    expect(restsBriefly(resting, now)).toBe(true);
    expect(stateText({ ...resting, availableAt: later(5 * minute) }, now)).toBe('benched');
    expect(restsBriefly(accountOf('a', { state: 'limited', availableAt: later(8000) }), now)).toBe(false);
  });
});

describe('windowLabel', () => {
  it.each([
    ['5h', null, '5h'],
    ['7d_opus', 'opus', '7d opus'],
    ['5h_oi', 'fable', '5h fable'],
    ['requests', null, 'req'],
    ['input-tokens', null, 'in'],
    ['\u001B[2J', null, '\\x1b[2J'],
  ])('%j of %j is %s', (id, scope, label) => {
    expect(windowLabel({ ...windowOf(id, 0, 1), scope })).toBe(label);
  });
});

describe('windowTone', () => {
  it('warns from 80 % on, or when the server does', () => {
    expect(windowTone(windowOf('5h', 0.79, hour))).toBe('good');
    expect(windowTone(windowOf('5h', 0.8, hour))).toBe('warning');
    expect(windowTone({ ...windowOf('5h', 0.5, hour), status: 'allowed_warning' })).toBe('warning');
    expect(windowTone(windowOf('5h', 1.3, hour))).toBe('bad');
    expect(windowTone({ ...windowOf('5h', 0.5, hour), status: 'rejected' })).toBe('bad');
    expect(windowTone(windowOf('5h', null, null))).toBe('good');
  });
});

describe('resetText', () => {
  const old = { seenAt: later(-11 * minute) };
  it('marks what is stale, known or not', () => {
    expect(resetText({ ...windowOf('5h', 0.5, hour), ...old }, now)).toBe('1h00m?');
    expect(resetText({ ...windowOf('5h', 0.5, null), ...old }, now)).toBe('—?');
    expect(resetText(windowOf('5h', 0.5, null), now)).toBe('—');
  });

  it('believes no reset that is later than the window can end', () => {
    expect(resetText(windowOf('5h', 0.5, 13 * hour), now)).toBe('—');
    expect(resetText({ ...windowOf('5h_opus', 0.5, 13 * hour), scope: 'opus' }, now)).toBe('—');
    expect(resetText(windowOf('7d', 0.5, 13 * hour), now)).toBe('13h00m');
  });
});

describe('orderedWindows', () => {
  it('puts 5h and 7d first, those of one model last, and keeps the server order else', () => {
    const scoped = { ...windowOf('5h', 0, 1), scope: 'opus' };
    const list = [
      scoped,
      windowOf('tokens', 0, 1),
      windowOf('7d', 0, 1),
      windowOf('a', 0, 1),
      windowOf('5h', 0, 1),
    ];
    expect(orderedWindows(list).map(({ id, scope }) => id + (scope ?? ''))).toEqual([
      '5h',
      '7d',
      'tokens',
      'a',
      '5hopus',
    ]);
  });
});

describe('rowWindows', () => {
  const ids = (...windows: LimitWindow[]): string[] => rowWindows(windows).map(({ id }) => id);
  const bucket = (id: string, used: number): LimitWindow => ({ ...windowOf(id, used, minute), status: null });

  it('are two of the limits per minute, the same as long as no other one is nearly spent', () => {
    const others = [bucket('input-tokens', 0.7), bucket('output-tokens', 0.79)];
    expect(ids(bucket('requests', 0.1), bucket('tokens', 0.2), ...others)).toEqual(['requests', 'tokens']);
    expect(
      ids(
        bucket('requests', 0.1),
        bucket('tokens', 0.2),
        bucket('input-tokens', 0.7),
        bucket('output-tokens', 0.9),
      ),
    ).toEqual(['requests', 'output-tokens']);
    expect(
      ids(
        bucket('requests', 0.1),
        bucket('tokens', 0.85),
        bucket('input-tokens', 0.95),
        bucket('output-tokens', 1),
      ),
    ).toEqual(['input-tokens', 'output-tokens']);
  });

  it('are all windows of a plan', () => {
    expect(ids(windowOf('7d', 0.1, minute), windowOf('5h', 0.2, minute), windowOf('30d', 0, minute))).toEqual(
      ['5h', '7d', '30d'],
    );
  });
});
