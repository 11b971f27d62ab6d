import { describe, expect, test } from 'vitest';
import { asked } from '../../source/balancer/ramp.ts';
import {
  cleared,
  freshRuntime,
  judged,
  limitsSeen,
  released,
  type AccountRuntime,
} from '../../source/balancer/account-state.ts';
import { reliefOf, type Relief } from '../../source/balancer/relief.ts';
import type { LimitReading } from '../../source/balancer/limits.ts';
import { candidate, later, now, problem, reading, window } from './sample.ts';

/** What the change is to those who wait, of an account that may have two requests at once. */
const reliefBy = (
  before: Partial<AccountRuntime>,
  change: (runtime: AccountRuntime) => AccountRuntime,
  limits: Parameters<typeof candidate>[2] = { concurrent: 2 },
): Relief | null => {
  const runtime = { ...freshRuntime, ...before };
  return reliefOf(candidate('a', change(runtime), limits), runtime, now);
};

const spent = window('5h', { utilization: 1, status: 'rejected' });
const isSpent = { windows: [spent] };
const told = (windows: LimitReading['windows']): LimitReading => ({ ...reading({}), windows });

describe('who waits for an account has something of', () => {
  test('the end of a request where there was no place, more than of others', () => {
    expect([3, 2, 1].map((inFlight) => reliefBy({ inFlight }, released))).toEqual([
      // More than it may have: it was allowed fewer meanwhile.
      'fewer',
      'place',
      'fewer',
    ]);
    expect(reliefBy({ inFlight: 2 }, released, {})).toBe('fewer');
  });

  test('what makes it serve, or serve no longer', () => {
    expect(reliefBy({}, (runtime) => ({ ...runtime, ...isSpent }))).toBe('state');
    expect(
      reliefBy(isSpent, (runtime) => limitsSeen(runtime, told([window('5h', { resetsAt: later(9e6) })]))),
    ).toBe('state');
    expect(reliefBy(isSpent, cleared)).toBe('state');
    const failed = (runtime: AccountRuntime): AccountRuntime =>
      judged(runtime, { kind: 'failed' }, 'claude-opus-5-5', now);
    expect(reliefBy({}, failed)).toBe('state');
    const failing = failed(freshRuntime);
    expect(reliefBy(failing, (runtime) => judged(runtime, { kind: 'forwarded' }, null, now))).toBe('state');
    const locked = { credentialProblem: problem('the keychain is locked') };
    expect(reliefBy(locked, (runtime) => ({ ...runtime, credentialProblem: null }))).toBe('state');
  });

  test('a new record, and time that has passed', () => {
    expect(reliefOf(candidate('a'), null, now)).toBe('state');
  });
});

test('nobody has anything of one more request, of windows that keep nobody out, or of a count', () => {
  expect([0, 1].map((inFlight) => reliefBy({ inFlight }, (runtime) => asked(runtime, now, {})))).toEqual([
    null,
    null,
  ]);
  const more = told([window('5h', { utilization: 0.5 })]);
  expect(reliefBy({ windows: [window('5h')] }, (runtime) => limitsSeen(runtime, more))).toBeNull();
  expect(
    reliefBy(isSpent, (runtime) => ({ ...runtime, windows: [{ ...spent, seenAt: later(1) }] })),
  ).toBeNull();
  expect(reliefBy({}, (runtime) => ({ ...runtime, failures: 1 }))).toBeNull();
});
