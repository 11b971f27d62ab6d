import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterVerdict } from '../../source/balancer/after-verdict.ts';
import { blockOf, freshRuntime, judged, viewOf } from '../../source/balancer/account-state.ts';
import { ejectionTime, failuresToEject, isEjected } from '../../source/balancer/ejection.ts';
import type { Verdict } from '../../source/balancer/retry-policy.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { numRuns } from '../kit/long-run.ts';
import { candidate, later, now, problem } from './sample.ts';

const overloaded: Verdict = { kind: 'overloaded' };

/** The accounts after so many failures in a row of the one with that name. */
const failing = (
  all: readonly Candidate[],
  name: string,
  times = 5,
  at = now,
  verdict: Verdict = overloaded,
) => {
  let accounts = [...all];
  for (let n = 0; n < times; n += 1) {
    accounts = accounts.map((each) =>
      each.record.name === name
        ? { ...each, runtime: afterVerdict(each, verdict, null, { all: accounts, now: at }) }
        : each,
    );
  }
  return accounts;
};

const of = (accounts: readonly Candidate[], name: string): Candidate =>
  accounts.find(({ record }) => record.name === name)!;
const out = (accounts: readonly Candidate[], at = now): string[] =>
  accounts.filter(({ runtime }) => isEjected(runtime, at)).map(({ record }) => record.name);

const three = ['a', 'b', 'c'].map((name) => candidate(name));

describe('an account that fails', () => {
  test('is left out after five failures in a row, not after four', () => {
    expect(failuresToEject).toBe(5);
    expect(out(failing(three, 'a', 4))).toEqual([]);
    expect(out(failing(three, 'a', 5))).toEqual(['a']);
  });

  test.each([
    [overloaded, 'overloaded (529)'],
    [{ kind: 'failed' }, 'failed with a server error'],
    [{ kind: 'unreachable' }, 'could not be reached'],
  ] as const)('for thirty seconds, and says so (%j)', (verdict, failure) => {
    const { record, runtime } = of(failing(three, 'a', 5, now, verdict), 'a');
    expect(viewOf(record, runtime, now)).toMatchObject({
      state: 'benched',
      availableAt: later(30_000),
      reason: `left out after 5 failures in a row: ${failure}`,
    });
    expect(blockOf(record, runtime, null, later(30_000))).toBeNull();
  });

  test('thirty seconds more each time, five minutes at most', () => {
    let accounts: readonly Candidate[] = failing(three, 'a', 4);
    let at = now;
    for (const seconds of [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300]) {
      accounts = failing(accounts, 'a', 1, at);
      const { until } = of(accounts, 'a').runtime.ejected!;
      expect(until - at).toBe(seconds * 1000);
      at = until;
    }
    expect([0, 1, 2, 11].map(ejectionTime)).toEqual([30_000, 30_000, 60_000, 300_000]);
    expect(viewOf(of(accounts, 'a').record, of(accounts, 'a').runtime, later(1)).reason).toContain(
      'for the 11th time',
    );
  });

  test('and has served for ten minutes since is left out for the first time again', () => {
    const once = failing(three, 'a');
    const back = failing(once, 'a', 1, later(31_000), { kind: 'forwarded' });
    expect(of(failing(back, 'a', 5, later(600_000)), 'a').runtime.ejected?.times).toBe(2);
    expect(of(failing(back, 'a', 5, later(630_001)), 'a').runtime.ejected?.times).toBe(1);
  });

  test('what it was sent before, and fails while it is out, lengthens nothing', () => {
    const { record, runtime } = of(failing(three, 'a', 50), 'a');
    expect(runtime.ejected).toEqual({ times: 1, until: later(30_000) });
    expect(blockOf(record, runtime, null, now)?.until).toBe(later(30_000));
  });

  test('is back with the first answer', () => {
    const back = failing(failing(three, 'a'), 'a', 1, later(1000), { kind: 'forwarded' });
    expect(out(back, later(1000))).toEqual([]);
    expect(blockOf(of(back, 'a').record, of(back, 'a').runtime, null, later(1000))).toBeNull();
  });

  test('an answer in between begins the count anew', () => {
    const served = failing(failing(three, 'a', 4), 'a', 1, now, { kind: 'forwarded' });
    expect(out(failing(served, 'a', 4))).toEqual([]);
  });

  test.each([
    { kind: 'limited', until: later(1000), window: '5h', scope: null },
    { kind: 'pacing', until: later(1000) },
    { kind: 'refused' },
    { kind: 'unauthorized' },
  ] as const)('a limit is no failure (%j)', (verdict) => {
    expect(out(failing(three, 'a', 20, now, verdict))).toEqual([]);
  });
});

describe('nobody is left out', () => {
  test('who is the last that can serve: its back-off alone counts', () => {
    const limited = { kind: 'limited', until: later(3_600_000), window: '5h', scope: null } as const;
    const alone = three.map((each) =>
      each.record.name === 'a' ? each : { ...each, runtime: judged(each.runtime, limited, null, now) },
    );
    const { record, runtime } = of(failing(alone, 'a', 5), 'a');
    expect([isEjected(runtime, now), blockOf(record, runtime, null, now)]).toEqual([
      false,
      expect.objectContaining({ reason: 'overloaded (529)', until: later(16_000) }),
    ]);
    expect(out(failing([candidate('a')], 'a', 50))).toEqual([]);
    // What has no credential, or is paused, cannot take its place.
    const unfit = [
      candidate('a'),
      candidate('b', { credentialProblem: problem('locked') }),
      candidate('c', {}, { paused: true }),
    ];
    expect(out(failing(unfit, 'a', 50))).toEqual([]);
  });

  test.each([
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
  ])('beyond half of %i accounts', (count, most) => {
    const names = 'abcde'.slice(0, count).split('');
    let accounts: readonly Candidate[] = names.map((name) => candidate(name));
    for (const name of names) accounts = failing(accounts, name);
    expect(out(accounts)).toHaveLength(most);
  });

  test('whatever fails in whatever order: never more than half, and never the last that can serve (property)', () => {
    const steps = fc.array(
      fc.record({
        who: fc.constantFrom('a', 'b', 'c', 'd'),
        passes: fc.integer({ min: 0, max: 40_000 }),
        verdict: fc.constantFrom<Verdict>(overloaded, { kind: 'failed' }, { kind: 'forwarded' }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        let accounts: readonly Candidate[] = ['a', 'b', 'c', 'd'].map((name) => candidate(name));
        let at = now;
        for (const { who, passes, verdict } of all) {
          at = (at + passes) as typeof now;
          const before = out(accounts, at);
          accounts = failing(accounts, who, 1, at, verdict);
          const after = out(accounts, at);
          expect(after.length).toBeLessThanOrEqual(2);
          if (after.length <= before.length) continue;
          const free = accounts.filter(({ record, runtime }) => blockOf(record, runtime, null, at) === null);
          expect(free.length).toBeGreaterThan(0);
        }
      }),
      { numRuns },
    );
  });
});

test('the runtime that is given stays as it is', () => {
  const runtime = Object.freeze({ ...freshRuntime, failures: 4 });
  expect(afterVerdict({ ...candidate('a'), runtime }, overloaded, null, { all: three, now })).not.toBe(
    runtime,
  );
  expect(runtime.ejected).toBeNull();
});
