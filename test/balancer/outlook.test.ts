import { expect, test } from 'vitest';
import type { Judged } from '../../source/balancer/choice-words.ts';
import { outlookOf, reasonOf } from '../../source/balancer/outlook.ts';
import type { Hindrance } from '../../source/balancer/places.ts';
import { candidate, idOf, later } from './sample.ts';

const blocked = (name: string, state: Hindrance['state'], ms: number | null): Judged => {
  const account = candidate(name);
  const block = { state, reason: state, until: ms === null ? null : later(ms) };
  return { ...account, candidate: account, block, misfit: null, tried: false, doubted: false };
};

test('there is nothing to hope for of an account that is free, not for the request, or limited', () => {
  const judged = [
    { ...blocked('free', 'full', null), block: null },
    { ...blocked('other', 'full', null), misfit: 'model: serves x only' },
    { ...blocked('breath', 'pacing', 5), misfit: 'model: serves x only' },
    blocked('limited', 'limited', 9),
  ];
  expect(outlookOf(judged, idOf('other'))).toEqual({
    pacedUntil: { home: null, first: null },
    isHomeFull: false,
    isFull: false,
  });
});

test('the first to get its breath back and the home are told apart, and so is who is full', () => {
  const judged = [
    blocked('slow', 'pacing', 9000),
    blocked('quick', 'pacing', 2000),
    blocked('full', 'full', null),
  ];
  const pacedUntil = { home: later(9000), first: later(2000) };
  expect(outlookOf(judged, idOf('slow'))).toEqual({ pacedUntil, isHomeFull: false, isFull: true });
  expect(outlookOf(judged, idOf('full'))).toMatchObject({ isHomeFull: true, isFull: true });
  expect(outlookOf(judged, null)).toMatchObject({ isHomeFull: false, isFull: true });
});

test('a pool whose budgets alone are spent is told apart from one that is busy', () => {
  const budget = { state: 'capped', reason: 'spent', until: later(5), budget: true } as const;
  expect(reasonOf([budget])).toEqual({ why: 'all_limited', availableAt: later(5), budget: true });
  const full = { state: 'full', reason: '1 of 1', until: null } as const;
  expect(reasonOf([budget, full])).toEqual({ why: 'all_overloaded', availableAt: null });
});

test.each<[Hindrance['state'][], ReturnType<typeof reasonOf>]>([
  [[], { why: 'no_account', availableAt: null }],
  [['error', 'needs-login'], { why: 'no_account', availableAt: null }],
  [['limited', 'capped', 'pacing'], { why: 'all_limited', availableAt: later(1000) }],
  [['limited', 'benched'], { why: 'all_overloaded', availableAt: later(1000) }],
  [['limited', 'full'], { why: 'all_overloaded', availableAt: null }],
  [['paused', 'full'], { why: 'all_overloaded', availableAt: null }],
])('a pool that is %j is %j', (states, reason) => {
  const blocks = states.map((state, n) => blocked('x', state, 1000 * (n + 1)).block);
  expect(reasonOf(blocks)).toEqual(reason);
});
