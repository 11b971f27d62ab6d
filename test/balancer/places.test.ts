import { describe, expect, test } from 'vitest';
import { choose, type Choice, type ChoiceRequest } from '../../source/balancer/choose.ts';
import { fullBlock, isFull } from '../../source/balancer/places.ts';
import type { Rest } from '../../source/balancer/rests.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { candidate, idOf, later, now, window } from './sample.ts';

const busy = (
  name: string,
  inFlight: number,
  concurrent?: number,
  changes: Parameters<typeof candidate>[2] = {},
): Candidate =>
  candidate(name, { inFlight }, { ...changes, ...(concurrent === undefined ? {} : { concurrent }) });

const resting = (name: string, state: Rest['state'], inFlight = 0, concurrent = 1): Candidate => {
  const rests = [{ state, until: later(4000), scope: null, model: null, reason: 'failed' }];
  return candidate(name, { rests, inFlight, failures: 1 }, { concurrent });
};

const pick = (pool: readonly Candidate[], changes: Partial<ChoiceRequest> = {}): Choice =>
  choose(
    pool,
    { model: 'claude-opus-5-5', session: true, home: null, tried: new Set(), mayProbe: true, ...changes },
    'sticky',
    now,
  );

const nameOf = (choice: Choice): string | null =>
  choice.kind === 'use' ? choice.candidate.record.name : null;
const verdictOf = ({ decision }: Choice, name: string): string | undefined =>
  decision.considered.find(({ account }) => account === name)?.verdict;

test.each([
  [0, undefined, false, null],
  [10_000, undefined, false, null],
  [0, 1, false, null],
  [3, 4, false, null],
  [4, 4, true, '4 of 4 requests in flight'],
  // The limit was lowered meanwhile.
  [5, 4, true, '5 of 4 requests in flight'],
])('%d under way of %s at most: full is %s', (inFlight, concurrent, full, reason) => {
  const account = busy('a', inFlight, concurrent);
  expect(isFull(account)).toBe(full);
  expect(fullBlock(account)?.reason ?? null).toBe(reason);
});

describe('an account that has as many requests as it may', () => {
  test('gets no further one: another account does, and the reason is told', () => {
    const choice = pick([busy('full', 4, 4), busy('free', 9)]);
    expect([nameOf(choice), verdictOf(choice, 'full')]).toEqual(['free', 'full: 4 of 4 requests in flight']);
  });

  test('gets none for its priority or its owner’s preference either', () => {
    const pool = [busy('full', 1, 1, { priority: 1, preferred: true }), busy('free', 0, 1)];
    expect(nameOf(pick(pool))).toBe('free');
  });

  test('gets one again as soon as one of them has ended', () => {
    expect(nameOf(pick([busy('full', 3, 4)]))).toBe('full');
  });

  test('is told as what keeps it longer, where it is limited, too', () => {
    const choice = pick([resting('both', 'limited', 1), busy('free', 0)]);
    expect(verdictOf(choice, 'both')).toMatch(/^limited until /);
  });

  test('is no reason to move its conversation, which a question about it is', () => {
    const pool = [busy('home', 1, 1), busy('free', 0)];
    expect(pick(pool, { home: idOf('home') })).toMatchObject({ kind: 'use', isHomeFull: true, move: null });
    expect(pick(pool, { home: idOf('home'), session: false })).not.toHaveProperty('isHomeFull');
    expect(pick(pool, { home: idOf('free') })).not.toHaveProperty('isHomeFull');
    expect(pick(pool)).not.toHaveProperty('isHomeFull');
  });

  test('does not keep a conversation that would leave it for a lower priority number', () => {
    const pool = [busy('home', 1, 1, { priority: 200 }), busy('free', 0, 1, { priority: 100 })];
    expect(pick(pool, { home: idOf('home') })).not.toHaveProperty('isHomeFull');
    const cheap = [busy('home', 1, 1, { priority: 100 }), busy('free', 0, 1, { priority: 200 })];
    expect(pick(cheap, { home: idOf('home') })).toHaveProperty('isHomeFull', true);
  });

  test('does not keep a conversation that would leave its paid overage for a plan', () => {
    const windows = [window('7d', { status: 'rejected', utilization: 1 })];
    const paying = { inFlight: 1, windows, overage: true };
    const home = candidate('home', paying, { kind: 'login', concurrent: 1 });
    const asked = { home: idOf('home'), fromClaudeCode: true };
    const plan = candidate('plan', {}, { kind: 'login' });
    expect(nameOf(pick([home, plan], asked))).toBe('plan');
    expect(pick([home, plan], asked)).not.toHaveProperty('isHomeFull');
    expect(pick([home, candidate('key')], asked)).toHaveProperty('isHomeFull', true);
  });
});

describe('when all that could serve are full', () => {
  test('the pool is busy, until nobody knows when; who is limited does not change that', () => {
    const busyPool = { kind: 'none', why: 'all_overloaded', availableAt: null, isFull: true };
    expect(pick([busy('a', 1, 1), busy('b', 2, 2)])).toMatchObject(busyPool);
    expect(pick([busy('a', 1, 1), resting('b', 'limited')], { mayRelent: true })).toMatchObject(busyPool);
  });

  test('one in back-off is not asked instead, and never beyond its own number', () => {
    expect(pick([busy('a', 1, 1), resting('b', 'benched')])).toMatchObject({ kind: 'none', isFull: true });
    expect(nameOf(pick([resting('b', 'benched')]))).toBe('b');
    expect(pick([resting('b', 'benched', 1)])).toMatchObject({ kind: 'none', why: 'all_overloaded' });
  });

  test('those that are not for the request do not count', () => {
    const pool = [busy('a', 1, 1, { models: ['claude-haiku-*'] }), resting('b', 'limited')];
    expect(pick(pool)).toMatchObject({ kind: 'none', why: 'all_limited' });
    expect(pick(pool)).not.toHaveProperty('isFull');
  });
});
