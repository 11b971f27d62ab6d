import { expect, test } from 'vitest';
import { createCaller, type CallerRules } from '../../source/proxy/caller.ts';
import { createMeter, dayMs, type Spending } from '../../source/proxy/key-limits.ts';
import { unlimited, type KeyLimits } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';

const midnight = asEpoch(20_000 * dayMs);

const callerOf = (limits: Partial<KeyLimits>, more: Partial<ReturnType<CallerRules['config']>> = {}) => {
  const clock = { at: 0, now: () => asEpoch(midnight + clock.at), monotonic: () => clock.at };
  const spent: { value: Spending | null } = { value: null };
  const config = { host: '127.0.0.1', clientLimits: { requestsPerMinute: 'auto' as const }, ...more };
  const rules = { config: () => config, clock, spending: () => spent.value };
  return { clock, spent, caller: createCaller('ci', { ...unlimited, ...limits }, createMeter(), rules) };
};

/** How many of so many requests at once are let in. */
const letIn = ({ caller }: ReturnType<typeof callerOf>, times: number): number =>
  Array.from({ length: times }, () => caller.enter()).filter((refusal) => refusal === null).length;

test('without a limit everything is allowed, and the name is told', () => {
  const { caller } = callerOf({});
  expect(caller).toMatchObject({ name: 'ci', accounts: null, models: null });
  expect(letIn(callerOf({}), 500)).toBe(500);
});

test('models and accounts are those of the key, and no others', () => {
  const { caller } = callerOf({ models: ['claude-haiku-*', 'gpt-5'], accounts: ['work'] });
  expect(
    ['claude-haiku-5-5', 'gpt-5', 'gpt-5-mini', 'claude-opus-5-5'].map((model) => caller.models?.(model)),
  ).toEqual([true, true, false, false]);
  expect([...(caller.accounts ?? [])]).toEqual(['work']);
});

test('a request that was let in counts until it leaves, and one that was refused does not', () => {
  const { caller } = callerOf({ concurrent: 1 });
  expect(caller.enter()).toBeNull();
  expect(caller.enter()).toMatchObject({ code: 'key_limited', headers: { 'retry-after': '1' } });
  caller.leave();
  expect(caller.enter()).toBeNull();
});

test('its own rate goes before that of the setting, which is 100 a minute beyond loopback alone', () => {
  expect(letIn(callerOf({}, { host: '192.0.2.1' }), 150)).toBe(100);
  expect(letIn(callerOf({ requestsPerMinute: 3 }, { host: '192.0.2.1' }), 150)).toBe(3);
  expect(letIn(callerOf({ requestsPerMinute: 120 }, { host: '192.0.2.1' }), 150)).toBe(120);
  expect(letIn(callerOf({}, { host: '192.0.2.1', clientLimits: { requestsPerMinute: 0 } }), 150)).toBe(150);
  expect(letIn(callerOf({}, { clientLimits: { requestsPerMinute: 7 } }), 150)).toBe(7);
});

test('a spent budget ends at midnight, and what it refuses costs nothing of the rate', () => {
  const of = callerOf({ dailyTokens: 10, requestsPerMinute: 1 });
  of.clock.at = dayMs - 1000;
  of.spent.value = { day: 20_000, tokens: 10, usd: 0 };
  expect(of.caller.enter()).toMatchObject({ code: 'budget_spent', headers: { 'retry-after': '1' } });
  of.clock.at = dayMs;
  expect(of.caller.enter()).toBeNull();
  expect(of.caller.enter()).toMatchObject({ code: 'key_limited', headers: { 'retry-after': '61' } });
});
