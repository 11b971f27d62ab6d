import { describe, expect, it } from 'vitest';
import { notifyWays } from '../../source/shared/look.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { notifyCode, startNotify } from '../../source/ui/notify.ts';
import { hostileText } from '../kit/hostile-text.ts';
import { accountOf, busyState, emptyState, later, now, sampleSession } from './sample.ts';

/** What the terminal is told while the accounts go through these states, and how to go on from there. */
const notifying = (way: (typeof notifyWays)[number] = 'osc9') => {
  const session = sampleSession(emptyState);
  const told: string[] = [];
  let at: number = now;
  const clock = { now: () => asEpoch(at), monotonic: () => at };
  const stop = startNotify({ session, clock, way, write: (code) => told.push(code) });
  const set = (...accounts: typeof busyState.accounts): void => session.set({ ...busyState, accounts });
  return { session, told, set, stop, wait: (ms: number) => (at += ms) };
};
const limited = (name: string) =>
  accountOf(name, { state: 'limited', reason: 'reached its 5h limit', availableAt: later(720_000) });
const clean = (codes: readonly string[]): string[] =>
  codes.map((code) => code.replaceAll('\u001B]9;', '').replaceAll('\u0007', ''));

describe('startNotify', () => {
  it('tells when none is left to serve, and when one is back', () => {
    const { told, set } = notifying();
    set(accountOf('work'), limited('home'));
    expect(told).toEqual([]);
    set(limited('work'), limited('home'));
    set(accountOf('work'), limited('home'));
    expect(clean(told)).toEqual([
      expect.stringMatching(/^ccr-tui: no account can serve until \d\d:\d\d:\d\d$/),
      'ccr-tui: work can serve again',
    ]);
  });

  it('tells of accounts that are back together once', () => {
    const { told, set, wait } = notifying();
    set(limited('a'), limited('b'), limited('c'));
    set(accountOf('a'), accountOf('b'), limited('c'));
    wait(1000);
    set(accountOf('a'), accountOf('b'), accountOf('c'));
    expect(clean(told)).toEqual(['ccr-tui: a can serve again']);
    set(accountOf('a'), accountOf('b'), limited('c'));
    wait(5000);
    set(accountOf('a'), accountOf('b'), accountOf('c'));
    expect(clean(told)).toEqual(['ccr-tui: a can serve again', 'ccr-tui: c can serve again']);
  });

  it('tells nothing that is off, or after its end', () => {
    const off = notifying('off');
    off.set(limited('a'));
    off.set(accountOf('a'));
    expect(off.told).toEqual([]);
    const { told, set, stop } = notifying();
    set(limited('a'));
    stop();
    set(accountOf('a'));
    expect(told).toEqual([]);
  });
});

describe('notifyCode', () => {
  it('speaks as each kind of terminal understands', () => {
    const codes = notifyWays.map((way) => notifyCode(way, 'work can serve again'));
    expect(codes).toEqual([
      '',
      '\u0007',
      '\u001B]9;ccr-tui: work can serve again\u0007',
      '\u001B]99;;ccr-tui: work can serve again\u001B\\',
      '\u001B]777;notify;ccr-tui;ccr-tui: work can serve again\u001B\\',
    ]);
  });

  it.each(hostileText)('cannot be ended or gone on with by %s', (_, text) => {
    const [nine, kitty, urxvt] = (['osc9', 'osc99', 'osc777'] as const).map((way) =>
      notifyCode(way, `${text};x`),
    );
    // oxlint-disable no-control-regex -- these codes are made of them
    expect(nine).toMatch(/^\u001B\]9;ccr-tui: [^;\u0000-\u001F\u007F-\u009F]+\u0007$/);
    expect(kitty).toMatch(/^\u001B\]99;;ccr-tui: [^;\u0000-\u001F\u007F-\u009F]+\u001B\\$/);
    expect(urxvt).toMatch(/^\u001B\]777;notify;ccr-tui;ccr-tui: [^;\u0000-\u001F\u007F-\u009F]+\u001B\\$/);
    // oxlint-enable no-control-regex
  });
});
