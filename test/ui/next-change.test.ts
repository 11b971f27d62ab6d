import { describe, expect, it } from 'vitest';
import { nextChangeIn } from '../../source/ui/next-change.ts';
import { accountOf, doneRow, emptyState, later, liveRow, now, windowOf } from './sample.ts';

const withReset = (leftMs: number) => ({
  ...emptyState,
  accounts: [accountOf('work', { windows: [windowOf('5h', 0.5, leftMs)] })],
});
const minute = 60_000;
/** The sample's time is 5 s past the minute. */
const toNextMinute = 55_000;

describe('nextChangeIn', () => {
  it.each([
    ['nothing counts down: the clock', emptyState, toNextMinute],
    ['more than 10 minutes left: the clock', withReset(30 * minute + 20_000), toNextMinute],
    ['10 minutes left before the clock changes: then', withReset(10 * minute + 20_000), 20_000],
    ['less than 10 minutes left: the next second', withReset(9 * minute + 300), 300],
    ['exactly on a second', withReset(9 * minute), 1000],
    ['a reset that is past', withReset(-5), toNextMinute],
    ['a request that runs', { ...emptyState, inFlight: 1, rows: [liveRow(1)] }, 1000],
    [
      'a request about to leave the rate',
      { ...emptyState, rows: [doneRow(1, { at: later(-40_000) })] },
      20_000,
    ],
    [
      'an account that comes back',
      { ...emptyState, accounts: [accountOf('a', { availableAt: later(4500) })] },
      500,
    ],
    [
      'a login whose token is about to end',
      { ...emptyState, accounts: [accountOf('a', { tokenExpiresAt: later(4500) })] },
      500,
    ],
    [
      'a proxy that has just begun to listen: its accounts',
      { ...emptyState, told: { ...emptyState.told, listeningAt: later(-300) } },
      700,
    ],
    ['never too soon', withReset(9 * minute + 1), 50],
  ])('%s', (_, state, ms) => {
    expect(nextChangeIn(state, now)).toBe(ms);
  });

  it('asks for at most one redraw a minute while all resets are at least 10 minutes away', () => {
    const windows = [23, 47, 63, 98, 299].map((minutes, i) =>
      windowOf('5h', 0.5, minutes * minute + i * 7321),
    );
    const state = {
      ...emptyState,
      accounts: ['a', 'b', 'c', 'd'].map((name) => accountOf(name, { windows, availableAt: later(3e6) })),
    };
    let at = 0;
    let redraws = 0;
    while (at < minute) {
      at += nextChangeIn(state, later(at));
      redraws += 1;
    }
    expect(redraws).toBeLessThanOrEqual(2);
    expect(at).toBeGreaterThanOrEqual(minute);
    // The first one falls on the clock's minute, and the next is a whole minute later.
    expect(nextChangeIn(state, later(toNextMinute))).toBe(minute);
  });
});
