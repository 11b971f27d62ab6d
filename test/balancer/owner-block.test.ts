import { expect, test } from 'vitest';
import { freshRuntime, viewOf } from '../../source/balancer/account-state.ts';
import { choose } from '../../source/balancer/choose.ts';
import { ownerBlock } from '../../source/balancer/owner-block.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { accountRecord } from '../kit/records.ts';

const now = asEpoch(1_790_000_000_000);
const until = asEpoch(now + 60_000);
const spentBudget = { text: 'account:work 20usd/day', until };

test('a spent budget keeps an account from serving until its period ends; a pause goes before it', () => {
  expect(ownerBlock({ paused: false }, now)).toBeNull();
  expect(ownerBlock({ paused: false, spentBudget }, now)).toMatchObject({ state: 'capped', until });
  expect(ownerBlock({ paused: false, spentBudget }, until)).toBeNull();
  expect(ownerBlock({ paused: true, spentBudget }, now)).toMatchObject({ state: 'paused', until: null });
  expect(viewOf(accountRecord('work', { spentBudget }), freshRuntime, now)).toMatchObject({
    state: 'capped',
    reason: 'has spent your budget account:work 20usd/day',
    availableAt: until,
  });
});

test('what its owner has to mend goes before a budget, which is then not alone in the way', () => {
  const credentialProblem = { state: 'needs-login', reason: 'its login has ended', until: null } as const;
  const runtime = { ...freshRuntime, credentialProblem };
  const ended = accountRecord('work', { spentBudget });
  expect(viewOf(ended, runtime, now)).toMatchObject({ state: 'needs-login', reason: 'its login has ended' });
  expect(viewOf({ ...ended, paused: true }, runtime, now).state).toBe('paused');
  const request = { model: null, session: false, home: null, tried: new Set<never>(), mayProbe: false };
  const none = choose([{ record: ended, runtime }], request, 'sticky', now);
  expect(none).toMatchObject({ kind: 'none', why: 'no_account', availableAt: null });
  expect(none).not.toHaveProperty('budget');
});

test('where budgets alone are in the way, the choice says so; beside a real limit it does not', () => {
  const spent = { record: accountRecord('work', { spentBudget }), runtime: freshRuntime };
  const limited = {
    record: accountRecord('home'),
    runtime: {
      ...freshRuntime,
      rests: [{ state: 'limited' as const, until, scope: null, model: null, reason: 'reached its 5h limit' }],
    },
  };
  const request = { model: null, session: false, home: null, tried: new Set<never>(), mayProbe: false };
  const none = choose([spent], request, 'sticky', now);
  expect(none).toMatchObject({ kind: 'none', why: 'all_limited', availableAt: until, budget: true });
  expect(none.decision.considered).toEqual([
    { account: 'work', verdict: expect.stringContaining('budget account:work 20usd/day') as string },
  ]);
  expect(choose([spent, limited], request, 'sticky', now)).not.toHaveProperty('budget');
});
