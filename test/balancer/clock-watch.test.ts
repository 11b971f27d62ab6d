import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blockOf,
  freshRuntime,
  judged,
  limitsSeen,
  viewOf,
  type AccountRuntime,
} from '../../source/balancer/account-state.ts';
import { choose } from '../../source/balancer/choose.ts';
import { clockSetBack, watchClock } from '../../source/balancer/clock-watch.ts';
import { readLimits, type Headers } from '../../source/balancer/limits.ts';
import { judge } from '../../source/balancer/retry-policy.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { numRuns } from '../kit/long-run.ts';
import { record } from './sample.ts';

const hour = 3_600_000;

test('tells once by how much the wall clock was set back', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  clock.advance(5000);
  clock.setWall(clock.now() - 2 * hour);
  expect([watch.setBackBy(), watch.setBackBy()]).toEqual([2 * hour, 0]);
  clock.advance(1000);
  expect(watch.setBackBy()).toBe(0);
});

test('time that goes by, a sleep of the machine and a clock set forward are nothing', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  clock.advance(8 * hour);
  expect(watch.setBackBy()).toBe(0);
  clock.setWall(clock.now() + 8 * hour);
  expect(watch.setBackBy()).toBe(0);
});

test('what was set forward and is set back again counts in full', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  clock.setWall(clock.now() + 8 * hour);
  watch.setBackBy();
  clock.setWall(clock.now() - 8 * hour);
  expect(watch.setBackBy()).toBe(8 * hour);
});

test('a drift is told when it has come to a second, not before and not never', () => {
  const clock = createFakeClock();
  const watch = watchClock(clock);
  let told = 0;
  for (let n = 0; n < 25; n += 1) {
    clock.advance(1000);
    clock.setWall(clock.now() - 100);
    told += watch.setBackBy();
  }
  expect(told).toBe(2000);
});

test('an account that is left out comes back when it would have, whatever the clock says', () => {
  const now = asEpoch(1e12);
  const ejected = { times: 2, until: asEpoch(now + 60_000) };
  const runtime = { ...freshRuntime, ejected, ramp: { since: now, before: 3 } };
  expect(clockSetBack(runtime, hour)).toMatchObject({
    ejected: { times: 2, until: now + 60_000 - hour },
    ramp: { since: now - hour, before: 3 },
  });
  expect(clockSetBack(freshRuntime, hour)).toEqual(freshRuntime);
});

/** One account as the data plane keeps it: looked at every second, and told of the clock. */
const kept = (runtime: AccountRuntime, clock: FakeClock) => {
  const watch = watchClock(clock);
  const candidate: Candidate = { record: record('work'), runtime };
  const tick = (): void => {
    const back = watch.setBackBy();
    if (back > 0) candidate.runtime = clockSetBack(candidate.runtime, back);
  };
  return {
    tick,
    jump(ms: number): void {
      clock.setWall(clock.now() + ms);
      tick();
    },
    pass(ms: number): void {
      clock.advance(ms);
      tick();
    },
    answer(status: number, headers: Headers): void {
      const limits = readLimits(headers, clock.now());
      const verdict = judge(status, limits, clock.now());
      candidate.runtime = judged(limitsSeen(candidate.runtime, limits), verdict, opus, clock.now());
    },
    /** How long it still rests, in ms; 0 when a choice takes it. */
    rests(): number {
      const asked = { model: opus, session: false, home: null, tried: new Set<never>(), mayProbe: false };
      const choice = choose([candidate], asked, 'sticky', clock.now());
      const until = blockOf(candidate.record, candidate.runtime, opus, clock.now())?.until ?? null;
      expect(choice.kind === 'use').toBe(until === null);
      expect(viewOf(candidate.record, candidate.runtime, clock.now()).availableAt).toBe(until);
      return until === null ? 0 : until - clock.now();
    },
  };
};

const opus = 'claude-opus-5-5';
const year = 365 * 24 * hour;
const second = 1000;
const limitedFor = (ms: number, clock: FakeClock): Headers => ({
  'anthropic-ratelimit-unified-5h-status': 'rejected',
  'anthropic-ratelimit-unified-5h-utilization': '1.01',
  'anthropic-ratelimit-unified-5h-reset': String((clock.now() + ms) / second),
});

describe.each<[string, number, (clock: FakeClock) => Headers]>([
  ['a spent window', 3 * hour, (clock) => limitedFor(3 * hour, clock)],
  ['a long retry-after', 3 * hour, () => ({ 'retry-after': String((3 * hour) / second) })],
  ['a pause for breath', 20 * second, () => ({ 'retry-after': '20' })],
])('an account that rests for %s (%i ms)', (_, ms, headersAt) => {
  const resting = () => {
    const clock = createFakeClock();
    const account = kept(freshRuntime, clock);
    account.answer(429, headersAt(clock));
    expect(account.rests()).toBe(ms);
    return { clock, account };
  };

  test('serves when the machine wakes after eight hours', () => {
    const { account } = resting();
    account.jump(8 * hour);
    expect(account.rests()).toBe(0);
  });

  test('rests for as long as before when the clock is set back by two hours', () => {
    const { account } = resting();
    account.jump(-2 * hour);
    expect(account.rests()).toBe(ms);
    account.pass(ms);
    expect(account.rests()).toBe(0);
  });

  test('serves when the clock is set forward by ten years, and is not put away for years when it is put right', () => {
    const { account } = resting();
    account.jump(10 * year);
    expect(account.rests()).toBe(0);
    account.jump(-10 * year);
    expect(account.rests()).toBeLessThanOrEqual(ms);
    account.pass(ms);
    expect(account.rests()).toBe(0);
  });
});

test('an account that is limited for longer than the machine slept rests for what is left', () => {
  const clock = createFakeClock();
  const account = kept(freshRuntime, clock);
  account.answer(429, limitedFor(9 * hour, clock));
  account.jump(8 * hour);
  expect(account.rests()).toBe(hour);
});

test('a back-off survives a clock that is set back, and no longer', () => {
  const clock = createFakeClock();
  const account = kept(freshRuntime, clock);
  account.answer(529, {});
  account.jump(-2 * hour);
  expect(account.rests()).toBe(1000);
  account.pass(1000);
  expect(account.rests()).toBe(0);
});

test('with a clock ten years ahead a reset is over before it comes, and the wait that was told counts', () => {
  const clock = createFakeClock();
  const headers = { ...limitedFor(hour, clock), 'retry-after': '3600' };
  clock.setWall(clock.now() + 10 * year);
  const account = kept(freshRuntime, clock);
  account.answer(429, headers);
  expect(account.rests()).toBe(hour);
  account.jump(-10 * year);
  expect(account.rests()).toBe(hour);
});

test('with a clock ten years behind nobody is put away for ten years', () => {
  const clock = createFakeClock();
  const headers = limitedFor(hour, clock);
  clock.setWall(clock.now() - 10 * year);
  const account = kept(freshRuntime, clock);
  account.answer(429, headers);
  expect(account.rests()).toBe(8 * 24 * hour);
  account.jump(10 * year);
  expect(account.rests()).toBe(0);
});

test('however the clock is set, an account serves again after eight days of quiet', () => {
  const jump = fc.constantFrom(8 * hour, -2 * hour, 10 * year, -10 * year, -500, 900);
  const answer = fc.record({
    status: fc.constantFrom(200, 429, 529, 500),
    wait: fc.option(fc.integer({ min: 1, max: 10_000_000 })),
    reset: fc.integer({ min: -10 * hour, max: 200 * hour }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(jump, answer), { maxLength: 8 }), (steps) => {
      const clock = createFakeClock();
      const account = kept(freshRuntime, clock);
      for (const [ms, { status, wait, reset }] of steps) {
        const headers = limitedFor(reset, clock);
        account.answer(status, wait === null ? headers : { ...headers, 'retry-after': String(wait) });
        expect(account.rests()).toBeLessThanOrEqual(8 * 24 * hour);
        account.jump(ms);
        // A little less than a second of being set back is nothing to the watch.
        expect(account.rests()).toBeLessThanOrEqual(8 * 24 * hour + 1000);
        account.pass(1000);
      }
      account.pass(8 * 24 * hour);
      expect(account.rests()).toBe(0);
    }),
    { numRuns },
  );
});

test('whoever was asked although limited is not asked in the future, either', () => {
  const at = asEpoch(5 * hour);
  expect(clockSetBack({ ...freshRuntime, askedAnywayAt: at }, 2 * hour).askedAnywayAt).toBe(3 * hour);
  expect(clockSetBack(freshRuntime, 2 * hour).askedAnywayAt).toBeNull();
});
