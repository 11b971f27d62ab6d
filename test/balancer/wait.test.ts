import { describe, expect, test } from 'vitest';
import { choose } from '../../source/balancer/choose.ts';
import type { Rest } from '../../source/balancer/rests.ts';
import { waitFor } from '../../source/balancer/wait.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { candidate, idOf, later, now } from './sample.ts';

const resting = (
  name: string,
  state: Rest['state'],
  ms: number,
  changes: Parameters<typeof candidate>[2] = {},
): Candidate => {
  const rest = { state, until: later(ms), scope: null, model: null, reason: 'asked to slow down' };
  return candidate(name, { rests: [rest] }, changes);
};

const waitOf = (
  candidates: readonly Candidate[],
  home: string | null = null,
  strategy = 'sticky' as const,
) => {
  const request = {
    model: 'claude-opus-5-5',
    session: true,
    home: home === null ? null : idOf(home),
    tried: new Set([idOf('a')]),
    mayProbe: false,
  };
  return waitFor(choose(candidates, request, strategy, now), now);
};

const free = candidate('free');

describe('a request waits', () => {
  test('with its conversation for the account that asked to slow down, whoever else is free', () => {
    expect(waitOf([resting('a', 'pacing', 3000), free], 'a')).toEqual({ why: 'pace', until: later(3000) });
  });

  test('for none that its conversation would leave all the same', () => {
    const dear = resting('a', 'pacing', 3000, { priority: 300 });
    expect(waitOf([dear, free], 'a')).toBeNull();
    expect(waitOf([dear, candidate('money', {}, { priority: 400 })], 'a')?.why).toBe('pace');
  });

  test('for the first that has its breath back, when nobody is free', () => {
    const pool = [resting('a', 'pacing', 9000), resting('b', 'pacing', 4000), resting('c', 'limited', 1000)];
    expect(waitOf(pool)).toEqual({ why: 'pace', until: later(4000) });
    expect(waitOf(pool, 'a')).toEqual({ why: 'pace', until: later(9000) });
  });

  test('for the end of the first limit, when all have one', () => {
    const pool = [resting('a', 'limited', 60_000), resting('b', 'pacing', 30_000)];
    expect(waitOf(pool)).toEqual({ why: 'limited', until: later(30_000) });
  });
});

describe('a request waits for a place', () => {
  const full = candidate('full', { inFlight: 2 }, { concurrent: 2 });

  test('with its conversation at the account that has none free, whoever else is', () => {
    expect(waitOf([full, free], 'full')).toEqual({ why: 'full', until: null });
  });

  test('when nobody has one', () => {
    const other = candidate('other', { inFlight: 1 }, { concurrent: 1 });
    expect(waitOf([full, other])).toEqual({ why: 'full', until: null });
    expect(waitOf([other, resting('c', 'limited', 1000)], 'c')).toEqual({ why: 'full', until: null });
    expect(waitOf([other, resting('c', 'benched', 1000)])).toEqual({ why: 'full', until: null });
  });

  test('and not without need', () => {
    expect(waitOf([full, free])).toBeNull();
    expect(waitOf([full, free], 'free')).toBeNull();
  });
});

describe('it does not wait', () => {
  const cases: readonly [why: string, pool: readonly Candidate[], home: string | null][] = [
    ['while the account of its conversation is free', [free], 'free'],
    ['for a pause that is long', [resting('a', 'pacing', 10_001), free], 'a'],
    ['for a limit while others are free', [resting('a', 'limited', 3000), free], 'a'],
    ['when it belongs to no account yet', [resting('a', 'pacing', 3000), free], null],
    [
      'for another account than its own',
      [resting('a', 'pacing', 3000), resting('b', 'limited', 9), free],
      'b',
    ],
    ['for one that does not serve its model', [resting('a', 'pacing', 3000, { models: ['x'] }), free], 'a'],
    ['for one that is paused', [resting('a', 'pacing', 3000, { paused: true })], 'a'],
    ['when there is none', [], 'a'],
    ['when some only failed', [resting('a', 'limited', 3000), resting('b', 'benched', 9000)], null],
    ['for a login that is not for its client', [resting('a', 'pacing', 3000, { kind: 'login' })], null],
  ];
  test.each(cases)('%s', (_, pool, home) => {
    expect(waitOf(pool, home)).toBeNull();
  });

  test('for the account of its conversation, where conversations are spread', () => {
    const pool = [resting('a', 'pacing', 3000), free];
    const request = { model: null, session: true, home: idOf('a'), tried: new Set<never>(), mayProbe: false };
    expect(waitFor(choose(pool, request, 'spread', now), now)).toBeNull();
  });
});
