import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dispatched, freshRuntime, judged, released } from '../../source/balancer/account-state.ts';
import { choose, type ChoiceRequest } from '../../source/balancer/choose.ts';
import { joined, longestRampMs, rampedUntil } from '../../source/balancer/ramp.ts';
import { strategyNames, type EpochMs } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { candidate, idOf, later, now } from './sample.ts';

const none = new Set<never>();

describe('how many conversations that a limit moved an account takes at once', () => {
  test.each([
    // after so many ms, with so many under way beside what it had before: how long the next one waits
    [0, 0, null],
    [0, 1, 250],
    [0, 2, 500],
    [249, 1, 1],
    [250, 1, null],
    [250, 2, 250],
    [500, 2, null],
    [999, 4, 1],
    [1000, 4, null],
    [1000, 50, 11_500],
    [29_999, 120, 1],
    [30_000, 120, null],
  ])('after %i ms with %i: waits %j', (ms, more, waits) => {
    for (const before of [0, 8]) {
      const runtime = { ...freshRuntime, ramp: { since: now, before }, inFlight: before + more };
      expect(rampedUntil(runtime, later(ms))).toBe(waits === null ? null : later(ms + waits));
    }
  });

  test('begins with the first of them, counts from what the account had before, and ends after thirty seconds', () => {
    const busy = { ...freshRuntime, inFlight: 3 };
    const first = joined(busy, now);
    expect(first.ramp).toEqual({ since: now, before: 3 });
    expect(joined(dispatched(first, now), later(29_999)).ramp).toEqual(first.ramp);
    expect(joined({ ...first, inFlight: 7 }, later(30_000)).ramp).toEqual({
      since: later(30_000),
      before: 7,
    });
    expect(rampedUntil(busy, now)).toBeNull();
  });

  test('a clock that was set back ends it', () => {
    const runtime = { ...joined(freshRuntime, now), inFlight: 5 };
    expect(rampedUntil(runtime, later(-1))).toBeNull();
  });

  test('never more than one and one more each quarter of a second, however they come and go (property)', () => {
    const steps = fc.array(fc.oneof(fc.constant('ends' as const), fc.integer({ min: 0, max: 400 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(steps, (all) => {
        let runtime = freshRuntime;
        let at: EpochMs = now;
        for (const step of all) {
          if (step === 'ends') {
            runtime = released(runtime);
            continue;
          }
          at = (at + step) as EpochMs;
          if (rampedUntil(runtime, at) === null) runtime = dispatched(joined(runtime, at), at);
          const { since, before } = runtime.ramp ?? { since: at, before: 0 };
          expect(at - since >= 30_000 || runtime.inFlight - before <= 1 + (at - since) / 250).toBe(true);
        }
      }),
      { numRuns },
    );
  });
});

const limited = { kind: 'limited', until: later(3_600_000), window: '5h', scope: null } as const;
const spent = candidate('spent', judged(freshRuntime, limited, null, now));
const full = { ramp: { since: now, before: 0 }, inFlight: 1 };
const target = candidate('target', full, { priority: 1 });
const other = candidate('other', {}, { priority: 2 });

/** A conversation whose home is at its limit. */
const moved: ChoiceRequest = { model: null, session: true, home: idOf('spent'), tried: none, mayProbe: true };

const moveOf = (request: Partial<ChoiceRequest> = {}, candidates = [spent, target, other], at = now) => {
  const choice = choose(candidates, { ...moved, ...request }, 'sticky', at);
  return choice.kind === 'use' ? choice.move : undefined;
};

describe('whom the ramp keeps waiting', () => {
  test('a conversation that a limit moves, as long as another account could take it', () => {
    expect(moveOf()).toEqual({ isNew: true, rampedUntil: later(250) });
    expect(moveOf({}, [spent, target])).toEqual({ isNew: true, rampedUntil: null });
    const idle = candidate('target', {}, { priority: 1 });
    expect(moveOf({}, [spent, idle, other])).toEqual({ isNew: true, rampedUntil: null });
  });

  test('one that your own cap moves, too', () => {
    const windows = [
      {
        id: '5h',
        scope: null,
        utilization: 0.9,
        status: 'allowed',
        resetsAt: later(9e6),
        source: 'header',
        seenAt: now,
      },
    ] as const;
    const capped = candidate('spent', { windows }, { caps: { '5h': 0.5 } });
    expect(moveOf({}, [capped, target, other])).toMatchObject({ isNew: true, rampedUntil: later(250) });
  });

  test('one that a limit moved there within half a minute, and not later', () => {
    const home = { home: idOf('target'), movedAt: later(-29_999) };
    expect(moveOf(home)).toEqual({ isNew: false, rampedUntil: later(250) });
    expect(moveOf({ ...home, movedAt: later(-30_000) })).toBeNull();
    expect(moveOf({ ...home, movedAt: null })).toBeNull();
    // Of a clock that was set back since: that would be half a minute and all that the clock was ahead.
    expect(moveOf({ ...home, movedAt: later(1) })).toBeNull();
  });

  test('no other request: of no conversation, of a new one, of one that left for another reason', () => {
    expect(moveOf({ session: false })).toBeNull();
    expect(moveOf({ home: null })).toBeNull();
    const failing = candidate('spent', judged(freshRuntime, { kind: 'overloaded' }, null, now));
    expect(moveOf({}, [failing, target, other])).toBeNull();
    expect(moveOf({}, [target, other])).toBeNull();
  });

  test.each(strategyNames)('whatever the strategy (%s)', (strategy) => {
    const ramped = candidate('other', full, { priority: 1 });
    const choice = choose([spent, target, ramped], moved, strategy, now);
    expect(choice).toMatchObject({ kind: 'use', move: { isNew: true, rampedUntil: later(250) } });
  });

  test('for less than a second', () => {
    expect(longestRampMs).toBeLessThan(1000);
  });
});
