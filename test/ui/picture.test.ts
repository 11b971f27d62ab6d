import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { State } from '../../source/store/state.ts';
import { openModel as open } from './open-model.ts';
import { accountOf, busyState, emptyState, liveRow, now, windowOf } from './sample.ts';

describe('createPicture', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows any number of changes at most ten times a second', () => {
    const { session, paints } = open();
    for (let i = 0; i < 1000; i += 1) {
      session.set({ ...busyState, inFlight: i });
      vi.advanceTimersByTime(1);
    }
    expect(paints()).toBeGreaterThan(7);
    expect(paints()).toBeLessThanOrEqual(11);
  });

  it('draws nothing while the terminal is not read, and the newest state when it is again', () => {
    let busy = true;
    const { session, paints, model } = open(busyState, undefined, () => busy);
    for (let i = 1; i <= 100; i += 1) {
      session.set({ ...busyState, inFlight: i });
      vi.advanceTimersByTime(100);
    }
    expect(paints()).toBe(0);
    busy = false;
    vi.advanceTimersByTime(100);
    expect(model.frame().header).toContain('100 in flight');
  });

  it('draws nothing while nothing that is shown changes', () => {
    const { session, paints } = open({
      ...emptyState,
      accounts: [accountOf('work', { windows: [windowOf('5h', 0.5, 3_600_000)] })],
    });
    for (let i = 0; i < 40; i += 1) {
      session.set({ ...session.state() });
      vi.advanceTimersByTime(1000);
    }
    expect(paints()).toBe(0);
  });

  it('ticks in minutes while much time is left and in seconds below 10 minutes', () => {
    const withReset = (leftMs: number): State => ({
      ...emptyState,
      accounts: [accountOf('work', { windows: [windowOf('5h', 0.5, leftMs)] })],
    });
    const slow = open(withReset(3_600_000));
    const fast = open(withReset(120_000));
    vi.advanceTimersByTime(50_000);
    expect(slow.paints()).toBe(0);
    expect(fast.paints()).toBe(50);
    vi.advanceTimersByTime(60_000);
    expect(slow.paints()).toBeLessThanOrEqual(4);
    expect(fast.model.frame().accounts.join('\n')).toContain(' 10s');
  });

  it('draws an answer that grows once a second', () => {
    const grown = (bytes: number): State => ({
      ...busyState,
      rows: [
        ...busyState.rows.slice(0, -1),
        liveRow(8, { account: 'home', bytes, firstByteMs: 40, failures }),
      ],
    });
    const failures: [] = [];
    const { session, paints } = open(grown(0));
    for (let i = 1; i <= 100; i += 1) {
      session.set(grown(i * 5000));
      vi.advanceTimersByTime(100);
    }
    expect(paints()).toBeGreaterThanOrEqual(9);
    expect(paints()).toBeLessThanOrEqual(11);
  });

  it('draws at most once a minute while nothing happens and all resets are far', () => {
    const windows = [47, 98].map((minutes, i) => windowOf('5h', 0.5, minutes * 60_000 + i * 7321));
    const accounts = ['a', 'b', 'c', 'd'].map((name) => accountOf(name, { windows }));
    const { paints } = open({ ...emptyState, accounts });
    vi.advanceTimersByTime(10 * 60_000);
    expect(paints()).toBeLessThanOrEqual(10);
    expect(paints()).toBeGreaterThan(5);
  });
});
