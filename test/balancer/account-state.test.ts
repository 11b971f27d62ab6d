import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blockOf,
  dispatched,
  freshRuntime,
  judged,
  limitsSeen,
  nextChange,
  released,
  usedShare,
  viewOf,
  type AccountRuntime,
} from '../../source/balancer/account-state.ts';
import { isRecovering } from '../../source/balancer/rests.ts';
import { judge, type Verdict } from '../../source/balancer/retry-policy.ts';
import type { EpochMs } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { fixture, later, now, problem, reading, record, window } from './sample.ts';

const opus = 'claude-opus-5-5';
const sonnet = 'claude-sonnet-5-5';
const account = record('work');

const after = (
  verdicts: readonly Verdict[],
  model: string | null = opus,
  at: EpochMs = now,
): AccountRuntime => {
  let runtime = freshRuntime;
  for (const verdict of verdicts) runtime = judged(runtime, verdict, model, at);
  return runtime;
};

/** What the account is after it answered with this head. */
const answered = (name: string, runtime = freshRuntime, model: string | null = opus): AccountRuntime => {
  const { status, headers } = fixture(name);
  const limits = reading(headers);
  return judged(limitsSeen(runtime, limits), judge(status, limits, now), model, now);
};

const untilOf = (runtime: AccountRuntime, model: string | null = opus): number | null =>
  blockOf(account, runtime, model, now)?.until ?? null;

describe('limits that answers told of', () => {
  test('a spent window keeps the account out until its own reset, not a moment longer', () => {
    const runtime = answered('unified-rejected-5h');
    const reset = 1_795_330_800_000 as EpochMs;
    expect(blockOf(account, runtime, opus, now)).toEqual({
      state: 'limited',
      reason: 'reached its 5h limit',
      until: reset,
      told: { source: 'header', at: now },
    });
    expect(blockOf(account, runtime, opus, (reset - 1) as EpochMs)?.state).toBe('limited');
    expect(blockOf(account, runtime, opus, reset)).toBeNull();
  });

  test('of several spent windows the one that opens last counts', () => {
    const runtime = answered('unified-rejected-5h', answered('unified-rejected-7d'));
    expect(untilOf(runtime)).toBe(1_795_737_600_000);
  });

  test('a limit of some models leaves the others served', () => {
    const runtime = answered('unified-rejected-scoped-7d_oi', freshRuntime, 'claude-fable-5');
    expect(blockOf(account, runtime, 'claude-fable-5', now)?.state).toBe('limited');
    expect(blockOf(account, runtime, opus, now)).toBeNull();
    expect(viewOf(account, runtime, now).state).toBe('ready');
  });

  test('a warning is soft', () => {
    expect(blockOf(account, answered('unified-warning'), opus, now)).toBeNull();
  });

  test('an account that serves from paid overage is not held by the window it serves beyond', () => {
    const runtime = answered('unified-200-but-rejected-overage');
    expect(blockOf(account, runtime, opus, now)).toBeNull();
    expect(usedShare(runtime, opus, now)).toBe(1);
    // An answer that does not speak of limits changes nothing; one without overage in use ends it.
    expect(blockOf(account, limitsSeen(runtime, reading({})), opus, now)).toBeNull();
    expect(untilOf(answered('unified-rejected-7d', runtime))).toBe(1_795_737_600_000);
  });

  test('overage that comes into use frees the account, even when no window is named', () => {
    const spent = { ...freshRuntime, windows: [window('7d', { status: 'rejected', utilization: 1 })] };
    expect(untilOf(spent)).not.toBeNull();
    expect(untilOf(limitsSeen(spent, reading(fixture('unified-overage-only').headers)))).toBeNull();
  });

  test('the newest answer counts', () => {
    const first = limitsSeen(freshRuntime, reading(fixture('unified-allowed').headers));
    const second = limitsSeen(first, reading(fixture('unified-warning').headers));
    expect(second.windows.map(({ id, utilization }) => [id, utilization])).toEqual([
      ['5h', 0.42],
      ['7d', 0.94],
    ]);
  });

  const seen = (runtime: AccountRuntime, changes: Parameters<typeof window>[1]): AccountRuntime =>
    limitsSeen(runtime, { ...reading({}), windows: [window('5h', changes)] });

  test('a lower share of the same window is an older answer', () => {
    const runtime = seen(seen(freshRuntime, { utilization: 0.9 }), { utilization: 0.8 });
    expect(runtime.windows[0]?.utilization).toBe(0.9);
    const next = seen(runtime, { utilization: 0.01, resetsAt: later(6 * 3_600_000) });
    expect(next.windows[0]?.utilization).toBe(0.01);
  });

  test('a bucket of an API key refills: its lower share is news', () => {
    const runtime = seen(seen(freshRuntime, { status: null, utilization: 0.9 }), {
      status: null,
      utilization: 0.1,
    });
    expect(runtime.windows[0]?.utilization).toBe(0.1);
  });

  test('a refusal of a window is never taken for an older answer', () => {
    for (const utilization of [null, 0.1]) {
      const runtime = seen(seen(freshRuntime, { utilization: 0.9 }), { status: 'rejected', utilization });
      expect(runtime.windows[0]?.status).toBe('rejected');
    }
  });

  test('ever new window names do not grow the account', () => {
    let runtime = freshRuntime;
    for (let n = 0; n < 200; n += 1) {
      runtime = limitsSeen(runtime, { ...reading({}), windows: [window(`w${n}`)] });
    }
    expect(runtime.windows.length).toBeLessThanOrEqual(64);
  });
});

describe('what an account bears after a verdict', () => {
  test('a limit without a window: until the time that was told', () => {
    const { headers } = fixture('unified-rejected-5h');
    const named = ['status', 'reset'].map((name) => `anthropic-ratelimit-unified-${name}`);
    const limits = reading(Object.fromEntries(named.map((name) => [name, headers[name]])));
    const runtime = judged(limitsSeen(freshRuntime, limits), judge(429, limits, now), opus, now);
    expect(blockOf(account, runtime, sonnet, now)).toMatchObject({
      state: 'limited',
      until: 1_795_330_800_000,
    });
  });

  test('credits of a model that ran out hold that model alone, shortly', () => {
    const runtime = answered('unified-rejected-out-of-credits');
    expect(blockOf(account, runtime, opus, now)).toMatchObject({ state: 'benched', until: later(1000) });
    expect(blockOf(account, runtime, sonnet, now)).toBeNull();
  });

  test('pace: a short rest of the whole account', () => {
    const runtime = after([{ kind: 'pacing', until: later(7000) }]);
    expect(blockOf(account, runtime, sonnet, now)).toMatchObject({ state: 'pacing', until: later(7000) });
    expect(blockOf(account, runtime, sonnet, later(7000))).toBeNull();
  });

  test('a refusal without limit data rests for that model alone, and serves the others', () => {
    const runtime = after([{ kind: 'refused' }], 'claude-opus-5');
    expect(blockOf(account, runtime, 'claude-opus-5', now)).toMatchObject({
      state: 'benched',
      until: later(1000),
    });
    for (const other of [sonnet, 'claude-opus-5-5', null])
      expect(blockOf(account, runtime, other, now)).toBeNull();
    expect(viewOf(account, runtime, now).state).toBe('ready');
  });

  test('that rest doubles for the model from 1 s to 60 s, whatever other models are answered', () => {
    let runtime = freshRuntime;
    let at = now;
    const rests: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      runtime = judged(runtime, { kind: 'refused' }, opus, at);
      const until = blockOf(account, runtime, opus, at)?.until ?? at;
      rests.push(until - at);
      runtime = judged(runtime, { kind: 'forwarded' }, sonnet, at);
      expect(blockOf(account, runtime, opus, at)?.until).toBe(until);
      at = until;
    }
    expect(rests).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    runtime = judged(judged(runtime, { kind: 'forwarded' }, opus, at), { kind: 'refused' }, opus, at);
    expect(blockOf(account, runtime, opus, at)?.until).toBe(at + 1000);
  });

  test('refusals of a model do not lengthen the rest after a failure of the account', () => {
    const refused = after([{ kind: 'refused' }, { kind: 'refused' }, { kind: 'refused' }], opus);
    expect(untilOf(judged(refused, { kind: 'overloaded' }, sonnet, now), sonnet)).toBe(later(1000));
  });

  test('models that were refused are forgotten when there are too many', () => {
    let runtime = freshRuntime;
    for (let n = 0; n < 500; n += 1) runtime = judged(runtime, { kind: 'refused' }, `model-${n}`, now);
    expect(runtime.refusals.size).toBeLessThanOrEqual(64);
    expect(runtime.rests.length).toBeLessThanOrEqual(64);
  });

  test.each(['overloaded', 'failed', 'unreachable'] as const)('%s: 1 s doubling to 60 s', (kind) => {
    const rests = [1, 2, 3, 4, 5, 6, 7, 8].map((count) => {
      const runtime = after(Array.from({ length: count }, () => ({ kind })));
      expect(blockOf(account, runtime, sonnet, now)?.state).toBe('benched');
      return (untilOf(runtime) ?? now) - now;
    });
    expect(rests).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('an answer ends the back-off: the account is used again at once, and the next rest is short', () => {
    const runtime = after([{ kind: 'overloaded' }, { kind: 'overloaded' }, { kind: 'forwarded' }]);
    expect(blockOf(account, runtime, opus, now)).toBeNull();
    expect(untilOf(judged(runtime, { kind: 'failed' }, opus, now))).toBe(later(1000));
  });

  test('an answer does not end a limit or a pace', () => {
    const runtime = after([
      { kind: 'limited', until: later(90_000), window: '5h', scope: null },
      { kind: 'pacing', until: later(95_000) },
      { kind: 'forwarded' },
    ]);
    expect(untilOf(runtime)).toBe(later(95_000));
    expect(blockOf(account, runtime, opus, later(90_001))?.state).toBe('pacing');
  });

  test('a short rest never ends a long one', () => {
    const long: Verdict = { kind: 'limited', until: later(3_600_000), window: null, scope: null };
    const short: Verdict = { kind: 'limited', until: later(61_000), window: null, scope: null };
    expect(untilOf(after([long, short]))).toBe(later(3_600_000));
    expect(untilOf(after([long, { kind: 'pacing', until: later(10) }]))).toBe(later(3_600_000));
  });

  test('a refused key: the account is in error and is asked again later', () => {
    const block = blockOf(account, after([{ kind: 'unauthorized' }]), null, now);
    expect(block).toMatchObject({ state: 'error' });
    expect(block?.reason).toContain('401');
    expect(block?.until).toBeGreaterThan(now);
  });
});

describe('an account that recovers', () => {
  test('is doubted from the end of its back-off until an answer', () => {
    const runtime = after([{ kind: 'overloaded' }]);
    expect(isRecovering(runtime.rests, opus, now)).toBe(false);
    expect(isRecovering(runtime.rests, opus, later(1000))).toBe(true);
    expect(
      isRecovering(judged(runtime, { kind: 'forwarded' }, opus, later(1000)).rests, opus, later(1000)),
    ).toBe(false);
  });

  test('is doubted only for the model that was refused', () => {
    const runtime = after([{ kind: 'refused' }], opus);
    expect([opus, sonnet, null].map((model) => isRecovering(runtime.rests, model, later(1000)))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the public picture', () => {
  test('ready, serving, and the sentence why not', () => {
    expect(viewOf(account, freshRuntime, now)).toMatchObject({
      state: 'ready',
      reason: null,
      availableAt: null,
    });
    expect(viewOf(account, dispatched(freshRuntime, now), now)).toMatchObject({
      state: 'serving',
      inFlight: 1,
      requests: 1,
      lastUsedAt: now,
    });
    expect(viewOf(account, answered('unified-rejected-5h'), now)).toMatchObject({
      state: 'limited',
      reason: 'reached its 5h limit',
      availableAt: 1_795_330_800_000,
    });
  });

  test('paused comes before everything, a credential that cannot be had before limits', () => {
    const limited = answered('unified-rejected-5h');
    const broken = { ...limited, credentialProblem: problem('keychain locked') };
    expect(viewOf(account, broken, now)).toMatchObject({
      state: 'error',
      reason: 'keychain locked',
      availableAt: null,
    });
    expect(viewOf({ ...account, paused: true }, broken, now)).toMatchObject({
      state: 'paused',
      availableAt: null,
    });
  });

  test('after its reset nothing is known of a window: no share and no countdown are shown', () => {
    const runtime = answered('unified-rejected-5h');
    const [fiveHours, week] = viewOf(account, runtime, 1_795_330_800_000 as EpochMs).windows;
    expect(fiveHours).toMatchObject({ id: '5h', utilization: null, status: null, resetsAt: null });
    expect(week).toMatchObject({ id: '7d', utilization: 0.13 });
  });

  test('contains no more than what is public', () => {
    const view = viewOf(account, { ...freshRuntime, windows: [window('5h')] }, now);
    expect(Object.keys(view).sort()).toEqual(
      ['id', 'name', 'kind', 'baseUrl', 'priority', 'weight', 'paused', 'state', 'reason', 'availableAt']
        .concat(['inFlight', 'requests', 'lastUsedAt', 'windows'])
        .sort(),
    );
  });
});

describe('how much is used', () => {
  test('the tightest window that concerns the model; nothing known is nothing used', () => {
    const runtime = {
      ...freshRuntime,
      windows: [
        window('5h', { utilization: 0.2 }),
        window('7d', { utilization: 0.5 }),
        window('7d_opus', { scope: 'opus', utilization: 0.9 }),
        window('old', { utilization: 1, resetsAt: now }),
      ],
    };
    expect([opus, sonnet, null].map((model) => usedShare(runtime, model, now))).toEqual([0.9, 0.5, 0.5]);
    expect(usedShare(freshRuntime, opus, now)).toBe(0);
  });
});

describe('the next change by time alone', () => {
  test('is the earliest end of a rest or reset that lies ahead', () => {
    expect(nextChange(freshRuntime, now)).toBeNull();
    const runtime = answered('unified-rejected-5h');
    expect(nextChange(runtime, now)).toBe(1_795_330_800_000);
    expect(nextChange(runtime, 1_795_330_800_000 as EpochMs)).toBe(1_795_737_600_000);
    expect(nextChange(runtime, 1_795_737_600_000 as EpochMs)).toBeNull();
  });
});

const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constantFrom<Verdict>(
    { kind: 'forwarded' },
    { kind: 'refused' },
    { kind: 'overloaded' },
    { kind: 'failed' },
    { kind: 'unauthorized' },
    { kind: 'unreachable' },
  ),
  fc.integer({ min: 1, max: 100_000 }).map((ms): Verdict => ({ kind: 'pacing', until: later(ms) })),
  fc
    .tuple(fc.integer({ min: 1, max: 900_000 }), fc.constantFrom(null, 'opus'))
    .map(([ms, scope]): Verdict => ({ kind: 'limited', until: later(ms), window: '5h', scope })),
);

test('whatever happens, an account that nothing forbids by hand serves again by itself, and at the time it said', () => {
  const models = fc.constantFrom(null, opus, sonnet);
  fc.assert(
    fc.property(fc.array(fc.tuple(verdict, models), { maxLength: 40 }), models, (steps, model) => {
      let runtime = freshRuntime;
      for (const [each, asked] of steps) runtime = judged(runtime, each, asked, now);
      let block = blockOf(account, runtime, model, now);
      for (let n = 0; block !== null; n += 1) {
        expect(n).toBeLessThan(2);
        expect(block.until).toBeGreaterThan(now);
        block = blockOf(account, runtime, model, block.until!);
      }
    }),
    { numRuns },
  );
});

test('the functions change nothing they were given, and in-flight never goes below zero', () => {
  const frozen = Object.freeze({
    ...freshRuntime,
    windows: Object.freeze([window('5h')]),
    rests: Object.freeze([]),
  });
  const limits = reading(fixture('unified-rejected-7d').headers);
  judged(limitsSeen(dispatched(frozen, now), limits), { kind: 'refused' }, opus, now);
  expect(frozen.refusals.size).toBe(0);
  expect(released(released(dispatched(frozen, now))).inFlight).toBe(0);
});
