import { describe, expect, test } from 'vitest';
import {
  blockOf,
  cleared,
  freshRuntime,
  judged,
  limitsSeen,
  viewOf,
  type AccountRuntime,
} from '../../source/balancer/account-state.ts';
import { choose } from '../../source/balancer/choose.ts';
import { isOnOverage } from '../../source/balancer/overage.ts';
import { judge } from '../../source/balancer/retry-policy.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import type { OveragePolicy } from '../../source/shared/types.ts';
import { candidate, day, fixture, idOf, later, now, reading, record, window } from './sample.ts';

const opus = 'claude-opus-5-5';
const weekEnds = 1_795_737_600_000;
const seen = (name: string, runtime = freshRuntime): AccountRuntime =>
  limitsSeen(runtime, reading(fixture(name).headers));
/** Its week is spent, and a tenth of what may be spent beyond it. */
const paying = seen('unified-200-but-rejected-overage');
const used = (utilization: number): AccountRuntime => ({
  ...paying,
  windows: paying.windows.map((each) => (each.id === 'overage' ? { ...each, utilization } : each)),
});

const block = (overage: OveragePolicy | null, runtime: AccountRuntime) =>
  blockOf(record('work', overage === null ? {} : { overage }), runtime, opus, now);

describe('an account that serves beyond its plan, for money', () => {
  test.each([
    ['nothing said', null, 0.1, null],
    ['allow', 'allow', 5, null],
    ['forbid', 'forbid', 0, 'reached its 7d limit, and you forbid its paid overage'],
    ['up to half, a tenth used', 0.5, 0.1, null],
    [
      'up to half, half used',
      0.5,
      0.5,
      'reached its 7d limit, and reached your cap of 50% of its paid overage',
    ],
  ] as const)('%s', (_, overage, share, reason) => {
    const held = block(overage, used(share));
    expect(held?.reason ?? null).toBe(reason);
    if (reason === null) return;
    expect(held).toMatchObject({ state: 'capped', until: weekEnds });
    expect(blockOf(record('work', { overage }), used(share), opus, later(weekEnds - now))).toBeNull();
  });

  test('a cap on its window says the same, and holds nobody while the plan has something left', () => {
    const caps = { overage: 0.5 };
    expect(blockOf(record('work', { caps }), used(0.6), opus, now)?.state).toBe('capped');
    expect(blockOf(record('work', { caps }), used(0.4), opus, now)).toBeNull();
    const plan = { ...freshRuntime, windows: [window('5h'), window('overage', { utilization: 0.9 })] };
    for (const policy of [{ caps }, { overage: 'forbid' as const }, { overage: 0.5 }]) {
      expect(blockOf(record('work', policy), plan, opus, now)).toBeNull();
    }
  });

  test('is asked again when its month begins, if that comes before its week', () => {
    const month = used(0.9).windows.map((each) =>
      each.id === 'overage' ? { ...each, resetsAt: later(day) } : each,
    );
    expect(block(0.5, { ...paying, windows: month })?.until).toBe(later(day));
    expect(
      blockOf(record('work', { overage: 0.5 }), { ...paying, windows: month }, opus, later(day)),
    ).toBeNull();
  });

  test('of a share that nobody told of is not at its cap', () => {
    const windows = paying.windows.filter(({ id }) => id !== 'overage');
    expect(block(0.01, { ...paying, windows })).toBeNull();
  });

  test('that has no plan at all serves from it alone, or not', () => {
    const pool = seen('unified-overage-only');
    expect(isOnOverage(pool, opus, now)).toBe(true);
    expect(block(null, pool)).toBeNull();
    const held = block('forbid', pool);
    expect(held).toEqual({ state: 'capped', reason: 'you forbid its paid overage', until: null });
    const half = { ...pool, windows: [window('overage', { utilization: 0.5, resetsAt: later(20 * day) })] };
    expect(block(0.5, half)?.until).toBe(later(8 * day));
  });

  test('is limited like any other when its overage refuses, too', () => {
    const { headers } = fixture('unified-200-but-rejected-overage');
    const limits = reading(headers);
    const refused = judged(limitsSeen(freshRuntime, limits), judge(429, limits, now), opus, now);
    expect(blockOf(record('work'), refused, opus, now)).toMatchObject({ state: 'limited', until: weekEnds });
    expect(refused.overage).toBe(false);
  });

  test('tells it, and forgets it when it is reset', () => {
    const view = viewOf(record('work', { overage: 0.5 }), paying, now);
    expect(view).toMatchObject({ state: 'ready', onOverage: true, overage: 0.5 });
    expect(viewOf(record('work', { overage: 'forbid' }), paying, now)).not.toHaveProperty('onOverage');
    expect(viewOf(record('work'), cleared(paying), now)).not.toHaveProperty('onOverage');
    expect(blockOf(record('work', { overage: 'forbid' }), cleared(paying), opus, now)).toBeNull();
  });
});

test('of a window for some models concerns those alone', () => {
  const fable = window('7d_oi', { scope: 'fable', status: 'rejected', utilization: 1 });
  const runtime = { ...freshRuntime, overage: true, windows: [window('7d'), fable] };
  expect(isOnOverage(runtime, 'claude-fable-5', now)).toBe(true);
  expect(isOnOverage(runtime, opus, now)).toBe(false);
  expect(blockOf(record('work', { overage: 'forbid' }), runtime, opus, now)).toBeNull();
});

describe('money comes last', () => {
  const login = { kind: 'login', priority: 100 } as const;
  const plan = (name: string, runtime = freshRuntime, changes = {}): Candidate =>
    candidate(name, runtime, { ...login, ...changes });
  const pick = (pool: readonly Candidate[], home: string | null = null) => {
    const asked = {
      model: opus,
      session: true,
      tried: new Set<never>(),
      fromClaudeCode: true,
      mayProbe: true,
    };
    const choice = choose(pool, { ...asked, home: home === null ? null : idOf(home) }, 'sticky', now);
    const verdicts = choice.decision.considered.map(({ account, verdict }) => [account, verdict]);
    return {
      name: choice.kind === 'use' ? choice.candidate.record.name : null,
      verdicts: Object.fromEntries(verdicts) as Record<string, string>,
    };
  };

  test('a plan with something left goes before it, whatever their priorities', () => {
    for (const priority of [100, 101, 300]) {
      const { name, verdicts } = pick([plan('paying', paying), plan('free', freshRuntime, { priority })]);
      expect(name).toBe('free');
      expect(verdicts['paying']).toBe('eligible: serves from paid overage, which comes later');
    }
  });

  test('a warm conversation leaves it for such a plan, and stays when it would cost money elsewhere, too', () => {
    expect(pick([plan('paying', paying), plan('free')], 'paying').name).toBe('free');
    expect(pick([plan('paying', paying), candidate('key')], 'paying').name).toBe('paying');
  });

  test('it serves when nobody else can, unless that is forbidden', () => {
    const other = plan('other', freshRuntime, { paused: true });
    expect(pick([plan('paying', paying), other]).name).toBe('paying');
    const { name, verdicts } = pick([plan('paying', paying, { overage: 'forbid' }), other]);
    expect(name).toBeNull();
    expect(verdicts['paying']).toMatch(
      /^capped until 2026-11-27.*you forbid its paid overage \(header, just now\)$/,
    );
  });
});
