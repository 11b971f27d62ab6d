import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockOf, freshRuntime, judged, limitsSeen, viewOf } from '../../source/balancer/account-state.ts';
import { isSpent, readLimits } from '../../source/balancer/limits.ts';
import { judge } from '../../source/balancer/retry-policy.ts';
import { windowBlock } from '../../source/balancer/window-block.ts';
import type { LimitWindow } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { day, later, now, record, window } from './sample.ts';

const caps = { '5h': 0.8, '7d': 1, '7d_opus': 0.5 };
const reset = later(60_000);
const at = (id: string, utilization: number | null, changes: Partial<LimitWindow> = {}): LimitWindow =>
  window(id, { utilization, resetsAt: reset, ...changes });

describe('a cap', () => {
  test.each<[string, LimitWindow, boolean, string | null]>([
    ['is reached exactly', at('5h', 0.8), false, 'capped'],
    ['is passed', at('5h', 0.95), false, 'capped'],
    ['is not reached yet', at('5h', 0.7999), false, null],
    ['of another window', at('1h', 0.95), false, null],
    ['named as no object should be', at('constructor', 0.95), false, null],
    ['of all of a window is its limit', at('7d', 1), false, 'limited'],
    ['gives way to the limit itself', at('5h', 1), false, 'limited'],
    ['by the word of the server alone', at('5h', 0.1, { status: 'rejected' }), false, 'limited'],
    ['holds where overage would serve on', at('5h', 1), true, 'capped'],
    ['does not hold what overage serves beyond others', at('1h', 1), true, null],
    ['of an unknown share', at('5h', null), false, null],
    ['whose window has opened', at('5h', 0.9, { resetsAt: now }), false, null],
    ['whose window says no end would never be lifted', at('5h', 0.9, { resetsAt: null }), false, null],
  ])('that %s', (_, each, overage, state) => {
    expect(windowBlock(each, { caps }, overage, now)?.state ?? null).toBe(state);
    expect(windowBlock(at('5h', 0.99), {}, overage, now)).toBeNull();
  });

  test('keeps the account out until that window opens, and says so', () => {
    const account = record('work', { caps });
    const runtime = { ...freshRuntime, windows: [at('5h', 0.81), at('7d', 0.9, { resetsAt: later(9e6) })] };
    const view = viewOf(account, runtime, now);
    expect(view).toMatchObject({ state: 'capped', availableAt: reset, caps });
    expect(view.reason).toBe('reached your cap of 80% of its 5h limit');
    expect(blockOf(account, runtime, null, reset)).toBeNull();
  });

  test('of a window for some models holds those alone', () => {
    const account = record('work', { caps });
    const runtime = { ...freshRuntime, windows: [at('7d_opus', 0.6, { scope: 'opus' })] };
    expect(blockOf(account, runtime, 'claude-opus-5-5', now)?.state).toBe('capped');
    expect(blockOf(account, runtime, 'claude-sonnet-5-5', now)).toBeNull();
    expect(blockOf(account, runtime, null, now)).toBeNull();
  });
});

describe('after whatever answers', () => {
  const word = fc.constantFrom('rejected', 'allowed', 'allowed_warning', 'blocked', 'dozing', '', undefined);
  const share = fc.constantFrom('0.4', '0.99', '1', '1.08', '-0.0', 'much', undefined);
  const seconds = fc.oneof(
    fc.integer({ min: -100_000, max: 900_000 }).map((ahead) => String(now / 1000 + ahead)),
    fc.constantFrom('soon', '', '0', '1e99', undefined),
  );
  const wait = fc.constantFrom(
    '7',
    '51811',
    '99999999',
    '0',
    '-1',
    'Sun, 22 Nov 2026 05:00:00 GMT',
    'x',
    undefined,
  );
  const windows = fc.array(fc.tuple(fc.constantFrom('5h', '7d', '7d_oi'), word, share, seconds), {
    maxLength: 3,
  });
  const answers = fc.array(
    fc.record({ status: fc.constantFrom(200, 429), windows, word, seconds, wait, inUse: fc.boolean() }),
    { minLength: 1, maxLength: 6 },
  );
  type Answer = typeof answers extends fc.Arbitrary<(infer Value)[]> ? Value : never;

  const headersOf = (each: Answer): Record<string, string | undefined> => {
    const name = 'anthropic-ratelimit-unified';
    const headers: Record<string, string | undefined> = {
      [`${name}-status`]: each.word,
      [`${name}-reset`]: each.seconds,
      'retry-after': each.wait,
      ...(each.inUse && { [`${name}-overage-in-use`]: 'true' }),
    };
    for (const [id, status, utilization, reset] of each.windows) {
      headers[`${name}-${id}-status`] = status;
      headers[`${name}-${id}-utilization`] = utilization;
      headers[`${name}-${id}-reset`] = reset;
    }
    return headers;
  };

  test('a rest is never shorter than the reset of what is spent, and never longer than eight days', () => {
    const fable = 'claude-fable-5';
    fc.assert(
      fc.property(answers, (list) => {
        let runtime = freshRuntime;
        for (const [index, each] of list.entries()) {
          const at = later(index * 40_000);
          const limits = readLimits(headersOf(each), at);
          const verdict = judge(each.status, limits, at);
          runtime = judged(limitsSeen(runtime, limits), verdict, fable, at);
          const until = blockOf(record('work'), runtime, fable, at)?.until ?? at;
          expect(until).toBeLessThanOrEqual(at + 8 * day);
          expect(until).toBeGreaterThanOrEqual('until' in verdict ? verdict.until : at);
          if (each.status === 200 && each.inUse) continue;
          const spent = limits.windows.filter((told) => isSpent(told, at));
          expect(until).toBeGreaterThanOrEqual(Math.max(at, ...spent.map(({ resetsAt }) => resetsAt ?? 0)));
        }
      }),
      { numRuns },
    );
  });
});
