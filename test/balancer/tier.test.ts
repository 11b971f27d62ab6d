import { describe, expect, test } from 'vitest';
import { choose, type Choice, type ChoiceRequest } from '../../source/balancer/choose.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { inLine, lowestPriority, mayStay, wouldStay } from '../../source/balancer/tier.ts';
import { strategyNames, type StrategyName } from '../../source/shared/types.ts';
import { candidate, idOf, later, now, window } from './sample.ts';

const used = (utilization: number) => ({ windows: [window('5h', { utilization })] });
const limited = (ms: number) => ({
  windows: [window('5h', { status: 'rejected', utilization: 1, resetsAt: later(ms) })],
});

const pick = (
  candidates: readonly Candidate[],
  changes: Partial<ChoiceRequest> = {},
  strategy: StrategyName = 'sticky',
): Choice => {
  const model = 'claude-opus-5-5';
  const request = { model, session: false, home: null, tried: new Set<never>(), mayProbe: false, ...changes };
  return choose(candidates, request, strategy, now);
};
const nameOf = (choice: Choice): string | null =>
  choice.kind === 'use' ? choice.candidate.record.name : null;
const verdictOf = (choice: Choice, name: string): string | undefined =>
  choice.decision.considered.find(({ account }) => account === name)?.verdict;

describe('an account that is preferred', () => {
  const preferred = { preferred: true, priority: 200 };
  const pool = [
    candidate('plan', used(0.1), { priority: 100 }),
    candidate('mine', used(0.9), preferred),
    candidate('other', used(0), { priority: 100 }),
  ];

  test.each(strategyNames)('gets new and cold work first, whatever its priority: %s', (strategy) => {
    for (const asked of [{ session: true }, { session: true, isCold: true }, {}]) {
      const choice = pick(pool, asked, strategy);
      expect(nameOf(choice)).toBe('mine');
      expect(verdictOf(choice, 'mine')).toMatch(/^chosen: you prefer it/);
    }
  });

  test('takes no conversation from another account, and keeps its own', () => {
    expect(nameOf(pick(pool, { session: true, home: idOf('plan') }))).toBe('plan');
    const mine = pick(pool, { session: true, home: idOf('mine') });
    expect([nameOf(mine), mine.decision.affinity]).toEqual(['mine', 'warm']);
  });

  test('is no better than others when it cannot serve', () => {
    for (const broken of [
      { ...preferred, paused: true },
      { ...preferred, models: ['claude-haiku-*'] },
    ]) {
      expect(nameOf(pick([...pool.slice(0, 1), candidate('mine', {}, broken)]))).toBe('plan');
    }
    expect(nameOf(pick([...pool.slice(0, 1), candidate('mine', limited(1000), preferred)]))).toBe('plan');
    expect(nameOf(pick(pool, { tried: new Set([idOf('mine')]) }))).toBe('other');
    const login = candidate('mine', {}, { ...preferred, kind: 'login' });
    expect(nameOf(pick([...pool.slice(0, 1), login]))).toBe('plan');
  });
});

test('in line are those of the lowest number, of nobody nobody', () => {
  const pool = [3, 1, 2, 1].map((priority, n) => candidate(`a${n}`, {}, { priority }));
  expect(inLine(pool, lowestPriority(pool)).map(({ record }) => record.name)).toEqual(['a1', 'a3']);
  expect([lowestPriority([]), inLine([], lowestPriority([]))]).toEqual([Infinity, []]);
  expect([mayStay({ priority: 1 }, 1), mayStay({ priority: 2 }, 1)]).toEqual([true, false]);
});

test('a conversation would stay with its account, but for one of a lower number, or for a plan while it costs money', () => {
  const windows = [window('7d', { status: 'rejected', utilization: 1 })];
  const home = candidate('home', {}, { kind: 'login' });
  const paying = candidate('home', { windows, overage: true }, { kind: 'login' });
  const plan = candidate('plan', {}, { kind: 'login' });
  const cheap = candidate('cheap', {}, { priority: 1 });
  const liked = candidate('liked', {}, { preferred: true });
  const stays = (account: Candidate, others: readonly Candidate[]): boolean =>
    wouldStay(account, others, 'claude-opus-5-5', now);
  expect([stays(home, []), stays(paying, []), stays(home, [plan, liked])]).toEqual([true, true, true]);
  expect([stays(home, [cheap]), stays(paying, [plan]), stays(paying, [cheap])]).toEqual([
    false,
    false,
    false,
  ]);
});
