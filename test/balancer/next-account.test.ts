import { expect, test } from 'vitest';
import { nextAccount } from '../../source/balancer/next-account.ts';
import type { Rest } from '../../source/balancer/rests.ts';
import { candidate, idOf, later, now, problem, window } from './sample.ts';

const resting = (state: Rest['state']): Rest => ({
  state,
  until: later(60_000),
  scope: null,
  model: null,
  reason: 'x',
});

const used = (utilization: number) => ({ windows: [window('5h', { utilization })] });

test('it is the one that the strategy puts first for a conversation without a home', () => {
  const candidates = [candidate('a', used(0.8)), candidate('b', used(0.2)), candidate('c', used(0.5))];
  expect(nextAccount(candidates, 'sticky', now)).toBe(idOf('b'));
  expect(nextAccount(candidates.toReversed(), 'spread', now)).toBe(idOf('b'));
});

test('a lower priority number comes before a less used account', () => {
  const candidates = [candidate('a', used(0.2)), candidate('b', used(0.8), { priority: 100 })];
  expect(nextAccount(candidates, 'sticky', now)).toBe(idOf('b'));
});

test.each([
  ['paused', candidate('a', {}, { paused: true })],
  ['limited', candidate('a', { rests: [resting('limited')] })],
  ['in back-off, which only a request in need would try', candidate('a', { rests: [resting('benched')] })],
  ['without its secret', candidate('a', { credentialProblem: problem('locked') })],
  ['spent', candidate('a', { windows: [window('5h', { utilization: 1 })] })],
])('nobody when the only account is %s; another one when there is one', (_, blocked) => {
  expect(nextAccount([blocked], 'sticky', now)).toBeNull();
  expect(nextAccount([blocked, candidate('b')], 'sticky', now)).toBe(idOf('b'));
});

test('a rest for some models does not keep an account from conversations', () => {
  const scoped = { ...resting('benched'), model: 'claude-opus-5-5' };
  expect(nextAccount([candidate('a', { rests: [scoped] })], 'sticky', now)).toBe(idOf('a'));
});

test('nobody without accounts', () => {
  expect(nextAccount([], 'sticky', now)).toBeNull();
});
