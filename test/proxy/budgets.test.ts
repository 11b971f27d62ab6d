import { afterEach, expect, test } from 'vitest';
import type { SpentBudget } from '../../source/shared/budget.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { createBudgets } from '../../source/proxy/budgets.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { ask, askBytes, endAll, headerOf, jsonOf, startPair, startProxy } from './start-proxy.ts';

afterEach(endAll);

const until = asEpoch(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
const spent = (text: string, scope: SpentBudget['scope']): SpentBudget => ({ text, scope, until });
const all = spent('all 20usd/day', { kind: 'all' });

test('one that is spent refuses with 429, its name and its reset, and reaches nobody; the next period serves again', async () => {
  const pair = await startPair();
  pair.proxy.setBudgets([all]);
  const refused = await ask(pair);
  expect([refused.status, headerOf(refused, 'x-ccr-error')]).toEqual([429, 'budget_spent']);
  expect(headerOf(refused, 'x-should-retry')).toBe('false');
  expect(Math.abs(Number(headerOf(refused, 'retry-after')) - 3600)).toBeLessThan(5);
  expect(headerOf(refused, 'anthropic-ratelimit-unified-reset')).toBe(String(until / 1000));
  expect(JSON.stringify(jsonOf(refused))).toContain(
    `The budget all 20usd/day is spent until ${new Date(until).toISOString()}.`,
  );
  expect(await pair.row()).toMatchObject({
    status: 429,
    outcome: 'rejected',
    error: 'budget_spent',
    attempts: [],
  });
  expect(pair.upstream.requests).toHaveLength(0);
  pair.proxy.setBudgets([]);
  expect((await ask(pair)).status).toBe(200);
});

test('one of an account sends its requests elsewhere, and refuses when there is nowhere else', async () => {
  const pair = await startPair({ work: { kind: 'unified' }, home: { kind: 'unified' } });
  const ofWork = spent('account:work 5usd/day', { kind: 'account', name: 'work' });
  const ofHome = spent('account:home 5usd/week', { kind: 'account', name: 'home' });
  pair.proxy.setBudgets([ofWork]);
  for (let n = 0; n < 4; n += 1) expect(headerOf(await ask(pair), 'x-ccr-account')).toBe('home');
  await pair.account(
    'work',
    ({ state, reason }) => state === 'capped' && reason?.includes(ofWork.text) === true,
  );
  pair.proxy.setBudgets([ofWork, ofHome]);
  const refused = await ask(pair);
  expect([refused.status, headerOf(refused, 'x-ccr-error')]).toEqual([429, 'budget_spent']);
  expect(JSON.stringify(jsonOf(refused))).toContain(ofHome.text);
  expect(headerOf(refused, 'anthropic-ratelimit-unified-reset')).toBe(String(until / 1000));
  // What a client asks for by name is no way around it.
  const named = await ask(pair, { headers: { 'x-ccr-account': 'work' } });
  expect(headerOf(named, 'x-ccr-error')).toBe('budget_spent');
  // Nor is a new look at the accounts of the settings.
  pair.proxy.setAccounts(pair.records);
  expect((await ask(pair)).status).toBe(429);
  pair.proxy.setBudgets([]);
  expect((await ask(pair)).status).toBe(200);
});

test('while what was spent is being counted, requests wait for it', async () => {
  const proxy = await startProxy([], { budgets: null });
  const client = await connectRaw(proxy.port);
  await client.send(askBytes(proxy));
  // A route of the same loop that waits for nobody has been answered meanwhile.
  expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
  expect(proxy.eventsOf('requestFinished')).toHaveLength(0);
  proxy.proxy.setBudgets([all]);
  expect(await proxy.row()).toMatchObject({ status: 429, error: 'budget_spent' });
  client.end();
});

test('a client that leaves while it is being counted is seen to leave, and not when that is known', async () => {
  const proxy = await startProxy([], { budgets: null });
  const client = await connectRaw(proxy.port);
  await client.send(askBytes(proxy));
  // By then it has arrived: what a reset finds on its way is thrown away.
  expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
  client.reset();
  expect(await proxy.row()).toMatchObject({ outcome: 'aborted', attempts: [] });
  proxy.proxy.setBudgets([]);
});

test('one of a key is for that key alone, the one that lasts longest is named, and none outlasts its period', () => {
  let now = asEpoch(0);
  const budgets = createBudgets([], { ...systemClock, now: () => now });
  const key = { kind: 'key', name: 'ci' } as const;
  budgets.set([
    { text: 'key:ci 1usd/day', scope: key, until: asEpoch(1000) },
    { text: 'key:ci 5usd/week', scope: key, until: asEpoch(5000) },
  ]);
  expect(budgets.refusalOf('default')).toBeNull();
  expect(budgets.refusalOf('ci')?.message).toContain('key:ci 5usd/week');
  now = asEpoch(5000);
  expect(budgets.refusalOf('ci')).toBeNull();
});
