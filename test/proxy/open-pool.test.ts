import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readLimits } from '../../source/balancer/limits.ts';
import { Departure } from '../../source/proxy/departure.ts';
import type { Exchange } from '../../source/proxy/exchange.ts';
import type { HoldInput } from '../../source/proxy/hold.ts';
import { openPool } from '../../source/proxy/open-pool.ts';
import { asEpoch, type AccountId } from '../../source/shared/types.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { accountId, record } from './start-proxy.ts';

// How often those who wait are asked: each of them chooses among all accounts, and a proxy has better things to do.

const [full, other, spare] = ['full', 'other', 'spare'].map(accountId) as [AccountId, AccountId, AccountId];
const url = 'http://127.0.0.1:9';
const records = ['full', 'other', 'spare'].map((name) => ({ ...record({ name, url }), concurrent: 2 }));

/** Accounts with two places each, of which one has none left; their looks by the clock never come. */
const open = () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const clock = createFakeClock();
  const { pool, holds, pauses } = openPool(
    { keeper: { get: async () => null } },
    {
      clock,
      batcher: { accountDirty: () => undefined },
      emit: () => undefined,
      logins: { tokenOf: async () => ({ token: null, expiresAt: null, problem: null }) },
    },
  );
  pool.replace(records);
  for (let n = 0; n < 2; n += 1) pool.dispatched(full);
  return { clock, pool, holds, pauses };
};

type Place = ReturnType<typeof open>;

let asked: string[] = [];
beforeEach(() => {
  asked = [];
});

let arrived = 0;

const request = (id: string): Exchange & { client: Departure } =>
  ({
    id,
    at: (arrived += 1),
    account: null,
    description: null,
    decision: null,
    waitMs: 0,
    body: { length: 1 },
    client: new Departure(),
    told: { started: true, attempt: 0, answered: false },
  }) as unknown as Exchange & { client: Departure };

const isFree = ({ pool }: Place, id: AccountId): boolean => {
  const { inFlight = 0, concurrent = 0 } = pool.viewOf(id) ?? {};
  return inFlight < concurrent;
};

/** Holds a request that goes to that account and takes its place as soon as one is free. */
const wait = (
  place: Place,
  name: string,
  { account = full, why = 'full' }: { account?: AccountId; why?: HoldInput['why'] } = {},
): { exchange: ReturnType<typeof request>; end: Promise<unknown> } => {
  const exchange = request(name);
  const next = (): AccountId | null => {
    asked.push(name);
    return isFree(place, account) ? account : null;
  };
  const held = place.holds.hold(exchange, { why, ends: Infinity, until: asEpoch(0), next });
  const end = held?.then((how) => {
    if (how === 'ready') place.pool.dispatched(account);
    return how;
  });
  return { exchange, end: Promise.resolve(end) };
};

const window = (used: string) => ({
  'anthropic-ratelimit-unified-5h-utilization': used,
  'anthropic-ratelimit-unified-5h-status': used === '1' ? 'rejected' : 'allowed',
  'anthropic-ratelimit-unified-5h-reset': String(Date.UTC(2026, 10, 22, 5) / 1000),
});

const toldOf = ({ pool, clock }: Place, account: AccountId, used: string): void => {
  const limits = readLimits(window(used), clock.now());
  expect(limits.windows).toHaveLength(1);
  pool.limitsSeen(account, limits);
};

/** Until nothing more is looked at by itself. */
const quiet = async (): Promise<string[]> => {
  for (let n = 0; n < 5; n += 1) await turn();
  return asked.splice(0);
};

/** A request from its beginning to its end. */
const serve = async (place: Place, account: AccountId, used: string): Promise<void> => {
  place.pool.dispatched(account);
  await turn();
  toldOf(place, account, used);
  place.pool.judged(account, { kind: 'forwarded' }, null);
  await turn();
  place.pool.released(account);
};

describe('who waits for a place is not asked', () => {
  test('because of requests of accounts that have places', async () => {
    const place = open();
    for (const name of ['a', 'b']) wait(place, name);
    for (const used of ['0.1', '0.2', '0.3']) await serve(place, other, used);
    expect(await quiet()).toEqual([]);
  });

  test('for one that comes to an account of which no place has come free', async () => {
    const place = open();
    for (const name of ['a', 'b']) wait(place, name);
    expect([full, other, spare].map((id) => place.holds.hasBacklog(id, true))).toEqual([false, false, false]);
    expect(asked).toEqual([]);
    place.pool.released(full);
    expect([full, other].map((id) => place.holds.hasBacklog(id, true))).toEqual([true, false]);
    expect(asked).toEqual(['a']);
    expect(await quiet()).toEqual(['a', 'a']);
  });

  test('once more when the place that came free has been taken', async () => {
    const place = open();
    for (const name of ['a', 'b', 'c', 'd']) wait(place, name);
    place.pool.released(full);
    expect(await quiet()).toEqual(['a']);
    expect([full, other].map((id) => place.holds.hasBacklog(id, true))).toEqual([false, false]);
    expect(asked).toEqual([]);
  });
});

describe('who waits for a place gets it at once', () => {
  test('each of those that come free, in their order, when some end in the same moment', async () => {
    const place = open();
    const waiting = ['a', 'b', 'c'].map((name) => wait(place, name));
    place.pool.released(full);
    place.pool.released(full);
    expect(await Promise.all(waiting.slice(0, 2).map(({ end }) => end))).toEqual(['ready', 'ready']);
    expect([await quiet(), place.holds.size]).toEqual([['a', 'b'], 1]);
    place.pool.released(full);
    expect(await waiting[2]?.end).toBe('ready');
  });

  test('also of another account, and while the first place is handed on', async () => {
    const place = open();
    for (let n = 0; n < 2; n += 1) place.pool.dispatched(other);
    const [first, second] = [wait(place, 'a'), wait(place, 'b', { account: other })];
    place.pool.released(full);
    place.pool.released(other);
    expect(await Promise.all([first.end, second.end])).toEqual(['ready', 'ready']);
  });

  test('when the one before leaves in that moment, or does not take it', async () => {
    const place = open();
    const [leaves, stays] = [wait(place, 'a'), wait(place, 'b')];
    place.pool.released(full);
    leaves.exchange.client.leave();
    expect(await Promise.all([leaves.end, stays.end])).toEqual(['left', 'ready']);
    const passes = place.holds.hold(request('c'), {
      why: 'full',
      ends: Infinity,
      until: asEpoch(0),
      next: () => (isFree(place, full) ? full : null),
    });
    const last = wait(place, 'd');
    place.pool.released(full);
    expect(await Promise.all([passes, last.end])).toEqual(['ready', 'ready']);
  });

  test('when its account may have more, or a limit has gone', async () => {
    const place = open();
    const more = wait(place, 'a');
    place.pool.replace(records.map((each) => ({ ...each, concurrent: 3 })));
    expect(await more.end).toBe('ready');
    wait(place, 'b');
    await quiet();
    toldOf(place, spare, '1');
    expect(await quiet()).toEqual(['b']);
    place.pool.reset(spare);
    expect(await quiet()).toEqual(['b']);
  });

  test('behind one that waits for something else', async () => {
    const place = open();
    const paced = wait(place, 'paced', { account: other, why: 'pace' });
    const one = wait(place, 'one');
    const two = wait(place, 'two');
    place.pool.released(full);
    expect(await Promise.all([paced.end, one.end])).toEqual(['ready', 'ready']);
    place.pool.released(full);
    expect(await two.end).toBe('ready');
  });
});

test('who waits for something else keeps its turn when a place is handed on', async () => {
  const place = open();
  const [first] = ['p1', 'p2'].map((name) => wait(place, name, { account: other, why: 'pace' }));
  const one = wait(place, 'one');
  vi.advanceTimersByTime(100);
  expect(await first?.end).toBe('ready');
  await quiet();
  place.pool.released(full);
  expect(await one.end).toBe('ready');
  await quiet();
  expect([other, full].map((id) => place.holds.hasBacklog(id, true))).toEqual([true, false]);
});

describe('who is kept from an account by a ramp', () => {
  const pause = ({ pauses }: Place): void => {
    const isReady = (): boolean => asked.push('pausing') < 0;
    void pauses.pause(request('p'), { longest: 900, isReady });
  };

  test('is not asked because of what other accounts serve', async () => {
    const place = open();
    pause(place);
    await serve(place, other, '0.1');
    expect(await quiet()).toEqual([]);
  });

  test('is, when a request there has ended, or an account no longer serves', async () => {
    const place = open();
    place.pool.dispatched(other, { isMoved: true });
    pause(place);
    expect(await quiet()).toEqual([]);
    place.pool.released(other);
    expect(await quiet()).toEqual(['pausing']);
    toldOf(place, other, '1');
    expect(await quiet()).toEqual(['pausing']);
  });
});
