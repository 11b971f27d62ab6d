import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockOf, freshRuntime, judged, type AccountRuntime } from '../../source/balancer/account-state.ts';
import { afterVerdict } from '../../source/balancer/after-verdict.ts';
import { isEjected } from '../../source/balancer/ejection.ts';
import { recall, rememberedOf } from '../../source/balancer/remembered.ts';
import { numRuns } from '../kit/long-run.ts';
import { candidate, day, later, now, record, window } from './sample.ts';

const opus = 'claude-opus-5-5';

const onDisk = (runtime: AccountRuntime): unknown => JSON.parse(JSON.stringify(rememberedOf(runtime)));

const limited: AccountRuntime = {
  ...freshRuntime,
  windows: [window('5h'), window('7d', { status: 'rejected', utilization: 1.02, resetsAt: later(day) })],
  inFlight: 3,
  requests: 12,
};

describe('an account', () => {
  test('comes back with its windows, and without its counters', () => {
    const back = recall(onDisk(limited), later(1000));
    expect(back).toEqual({ ...freshRuntime, windows: limited.windows });
    expect(blockOf(record('work'), back, opus, later(1000))).toMatchObject({
      state: 'limited',
      until: later(day),
    });
  });

  test('comes back with what the usage endpoint has told of it, too', () => {
    const spent = window('7d', { utilization: 1, status: null, resetsAt: later(day), source: 'usage' });
    const back = recall(onDisk({ ...freshRuntime, windows: [spent] }), later(1000));
    expect(blockOf(record('work'), back, opus, later(1000))).toMatchObject({
      state: 'limited',
      told: { source: 'usage', at: spent.seenAt },
    });
  });

  test('comes back with the month of its overage', () => {
    const windows = [window('overage', { resetsAt: later(40 * day) })];
    expect(recall(onDisk({ ...freshRuntime, windows }), later(1000)).windows).toEqual(windows);
  });

  test('that is in back-off stays there for the rest of it, and is doubted as before', () => {
    let runtime = freshRuntime;
    for (let n = 0; n < 5; n += 1) runtime = judged(runtime, { kind: 'overloaded' }, opus, now);
    const back = recall(onDisk(runtime), later(1000));
    expect([back.rests, back.failures]).toEqual([
      runtime.rests.filter(({ until }) => until > later(1000)),
      5,
    ]);
    const after = recall(onDisk(runtime), later(100_000));
    expect([after.rests, after.failures]).toEqual([[], 0]);
  });

  test('that was left out for failing again and again stays out, and the next time is one more', () => {
    const all = [candidate('a'), candidate('b')];
    let runtime = freshRuntime;
    for (let n = 0; n < 5; n += 1)
      runtime = afterVerdict({ ...candidate('a'), runtime }, { kind: 'overloaded' }, opus, { all, now });
    const back = recall(onDisk(runtime), later(1000));
    expect([isEjected(back, later(1000)), back.ejected]).toEqual([true, { times: 1, until: later(30_000) }]);
    expect(blockOf(record('a'), back, opus, later(1000))).toMatchObject({
      state: 'benched',
      reason: 'left out after 5 failures in a row: overloaded (529)',
    });
    for (const ejected of [
      7,
      {},
      { times: 1 },
      { times: 'x', until: now },
      { times: 1, until: now + 9 * day },
    ])
      expect(recall({ ...(onDisk(runtime) as object), ejected }, now).ejected).toBeNull();
  });

  test('that was asked although limited is asked no sooner for a restart', () => {
    const askedAnywayAt = later(-60_000);
    expect(recall(onDisk({ ...limited, askedAnywayAt }), now).askedAnywayAt).toBe(askedAnywayAt);
    for (const said of [undefined, 'x', -1, later(1)])
      expect(recall({ ...(onDisk(limited) as object), askedAnywayAt: said }, now).askedAnywayAt).toBeNull();
  });

  test('whose key was refused is tried again at once', () => {
    const refused = judged(freshRuntime, { kind: 'unauthorized' }, opus, now);
    expect(recall(onDisk(refused), now)).toEqual(freshRuntime);
  });
});

describe('what cannot be', () => {
  test.each([
    [{ resetsAt: now + 9 * day }],
    [{ seenAt: now + 60_000 }],
    [{ utilization: -1 }],
    [{ utilization: 'much' }],
    [{ id: '\u001B[2J' }],
    [{ id: '' }],
    [{ source: 'rumour' }],
    [{ scope: 7 }],
  ])('is as if it had never been said: %j', (change) => {
    const value = { windows: [window('5h'), { ...window('7d'), ...change }] };
    expect(recall(value, now).windows.map(({ id }) => id)).toEqual(['5h']);
  });

  test('more windows than there can be are left out', () => {
    const windows = Array.from({ length: 500 }, (_, at) => window(`w${at}`));
    expect(recall({ windows }, now).windows.length).toBeLessThanOrEqual(32);
  });

  test('any JSON gives an account that can be used (property)', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (windows, rests) => {
        const back = recall({ windows, rests, failures: rests, overage: windows }, now);
        expect(blockOf(record('work'), back, null, now)).toBeNull();
        expect(recall(windows, now)).toEqual(freshRuntime);
      }),
      { numRuns },
    );
  });
});
