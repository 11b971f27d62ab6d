import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../source/shared/clock.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { createSuspendKey, suspendWarning } from '../../source/ui/suspend-key.ts';
import { busyState, sampleSession } from './sample.ts';

describe('what ctrl+z leads to', () => {
  it.each([
    [0, Infinity, 'suspended'],
    [0, 5, 'suspended'],
    [3, Infinity, 'warned'],
    [3, 9_999, 'suspended'],
    [3, 10_000, 'warned'],
  ])('%i in flight, %f ms after a warning: %s', (inFlight, since, what) => {
    const warning = suspendWarning(inFlight, since);
    expect(warning === null ? 'suspended' : 'warned').toBe(what);
  });

  it('is a warning that says what would happen and how it does', () => {
    expect(suspendWarning(3, Infinity)).toBe('3 in flight; suspending stops the proxy too; again suspends');
  });
});

describe('the key', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const key = (inFlight: number, holdsProxy: boolean) => {
    const seen: (string | null)[] = [];
    let now = 0;
    const clock: Clock = { now: () => asEpoch(0), monotonic: () => now };
    const session = sampleSession({ ...busyState, inFlight }, () => Promise.reject(new Error('no command')));
    const press = createSuspendKey(
      { session, clock, holdsProxy },
      () => seen.push('suspended'),
      (text) => seen.push(text === null ? null : 'warned'),
    );
    return { seen, press, pass: (ms: number) => (now += ms) };
  };

  it('suspends at once where nothing is in flight, and where the proxy is elsewhere', () => {
    for (const [inFlight, holdsProxy] of [
      [0, true],
      [3, false],
    ] as const) {
      const { seen, press } = key(inFlight, holdsProxy);
      press();
      // Not even an empty notice: another one, of a lost connection, may stand there.
      expect(seen).toEqual(['suspended']);
    }
  });

  it('warns, suspends when pressed again in time, and warns anew afterwards', () => {
    const { seen, press, pass } = key(3, true);
    press();
    pass(9_000);
    press();
    press();
    expect(seen).toEqual(['warned', null, 'suspended', 'warned']);
  });

  it('takes its warning away when its time is over, once', () => {
    vi.useFakeTimers();
    const { seen, press } = key(1, true);
    press();
    vi.advanceTimersByTime(9_999);
    expect(seen).toEqual(['warned']);
    vi.advanceTimersByTime(60_000);
    expect(seen).toEqual(['warned', null]);
  });

  it('warns again when the second press comes too late', () => {
    const { seen, press, pass } = key(1, true);
    press();
    pass(10_001);
    press();
    expect(seen).toEqual(['warned', 'warned']);
  });
});
