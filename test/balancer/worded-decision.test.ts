import { expect, test } from 'vitest';
import { choose, type ChoiceRequest } from '../../source/balancer/choose.ts';
import type { Decision } from '../../source/shared/decision.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { candidate, day, idOf, later, now, window } from './sample.ts';

const week = (utilization: number, days: number) =>
  window('7d', { utilization, resetsAt: later(days * day) });
const poolOf = () => [
  candidate('a', { windows: [week(0.5, 2)] }),
  candidate('b', { windows: [week(0.1, 3)] }),
];

const decide = (changes: Partial<ChoiceRequest> = {}, pool = poolOf()): Decision => {
  const request = { model: null, session: true, home: null, tried: new Set<AccountId>(), mayProbe: false };
  return choose(pool, { ...request, ...changes }, 'sticky', now).decision;
};

const wanted = [
  { account: 'a', verdict: 'eligible: 1.04 % of its week left per hour until the reset' },
  { account: 'b', verdict: 'chosen: 1.25 % of its week left per hour until the reset' },
];

test('the words are of the moment of the choice, however late they are read', () => {
  const [a, b] = poolOf();
  const known = new Set<AccountId>();
  const decision = decide({ knowsPrefix: (account) => known.has(account) }, [a!, b!]);
  known.add(idOf('b'));
  a!.runtime = { ...a!.runtime, windows: [window('7d', { status: 'rejected', utilization: 1 })] };
  b!.runtime = { ...b!.runtime, windows: [] };
  expect(decision.considered).toEqual(wanted);
});

test('they are made once', () => {
  const decision = decide();
  expect(decision.considered).toBe(decision.considered);
});

test('nothing of it is missing in JSON', () => {
  const decision = decide({ home: idOf('b'), promptTokens: 500 });
  expect(JSON.parse(JSON.stringify(decision))).toEqual({
    strategy: 'sticky',
    affinity: 'warm',
    considered: [
      wanted[0],
      { account: 'b', verdict: 'chosen: warm conversation stays: moving would write ~500 tokens again' },
    ],
    rewriteTokens: 500,
  });
});

test('the tokens that a move would write again are a number where a cache holds them, else null', () => {
  const told = (changes: Partial<ChoiceRequest>): unknown => decide(changes).rewriteTokens;
  expect(told({ home: idOf('a'), promptTokens: 84_321 })).toBe(84_321);
  expect(told({ home: idOf('a') })).toBeNull();
  expect(told({ promptTokens: 84_321 })).toBeNull();
});
