import { describe, expect, test } from 'vitest';
import { AccountPool, type PoolOptions } from '../../source/proxy/account-pool.ts';
import { bindSecret } from '../../source/credentials/bound-secret.ts';
import { readLimits } from '../../source/balancer/limits.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { accountId, record } from './start-proxy.ts';

const url = 'http://127.0.0.1:9';
const a = accountId('a');

const createPool = (get: PoolOptions['keeper']['get'] = async (id) => new Secret(`secret of ${id}`)) => {
  const clock = createFakeClock();
  const dirty: string[] = [];
  const pool = new AccountPool({
    keeper: { get },
    logins: { tokenOf: async () => ({ token: null, expiresAt: null, problem: null }) },
    clock,
    onDirty: ({ record: { id } }) => void dirty.push(id),
  });
  return { pool, clock, dirty };
};

describe('the accounts', () => {
  test('are those of the settings; what is known of one survives a change of its record', () => {
    const { pool, dirty } = createPool();
    expect(pool.replace([record({ name: 'a', url }), record({ name: 'b', url })])).toEqual([]);
    pool.dispatched(a);
    expect(pool.replace([record({ name: 'a', url, paused: true })])).toEqual([accountId('b')]);
    expect(pool.viewOf(a)).toMatchObject({
      name: 'a',
      paused: true,
      state: 'paused',
      inFlight: 1,
      requests: 1,
    });
    expect(pool.viewOf(accountId('b'))).toBeNull();
    expect(pool.candidates()).toHaveLength(1);
    expect(dirty).toContain('id-a');
  });

  test('an account that was removed while it worked is no trouble', () => {
    const { pool } = createPool();
    pool.replace([record({ name: 'a', url })]);
    pool.dispatched(a);
    pool.replace([]);
    expect(() => pool.released(a)).not.toThrow();
    expect([pool.viewOf(a), pool.targetOf(a), pool.readyCount()]).toEqual([null, null, 0]);
  });

  test('work is counted while it lasts', () => {
    const { pool, clock } = createPool();
    pool.replace([record({ name: 'a', url })]);
    expect(pool.viewOf(a)).toMatchObject({ state: 'ready', inFlight: 0, lastUsedAt: null });
    pool.dispatched(a);
    pool.dispatched(a);
    expect(pool.viewOf(a)).toMatchObject({
      state: 'serving',
      inFlight: 2,
      requests: 2,
      lastUsedAt: clock.now(),
    });
    pool.released(a);
    pool.released(a);
    pool.released(a);
    expect(pool.viewOf(a)).toMatchObject({ state: 'ready', inFlight: 0, requests: 2 });
  });
});

test('a reset forgets limits and failures, keeps what was counted, and asks a store again that failed', async () => {
  let answer: () => Promise<Secret | null> = () =>
    Promise.reject(new CcrError('store_unavailable', 'locked'));
  const { pool, clock, dirty } = createPool(() => answer());
  pool.replace([record({ name: 'a', url })]);
  pool.dispatched(a);
  pool.limitsSeen(a, readLimits({ 'anthropic-ratelimit-unified-5h-utilization': '0.9' }, clock.now()));
  pool.judged(a, { kind: 'limited', until: asEpoch(clock.now() + 9e6), window: '5h', scope: null }, null);
  pool.judged(a, { kind: 'overloaded' }, null);
  await pool.secretOf(a);
  dirty.length = 0;
  answer = () => Promise.resolve(new Secret('secret'));
  expect(pool.reset(a)).toMatchObject({ windows: [], requests: 1, inFlight: 1 });
  expect(dirty).toContain('id-a');
  await pool.secretOf(a);
  expect(pool.viewOf(a)).toMatchObject({ state: 'serving', reason: null, availableAt: null });
  expect(pool.candidates()[0]?.runtime).toMatchObject({ rests: [], failures: 0 });
  expect(pool.reset(accountId('b'))).toBeNull();
});

describe('time', () => {
  test('brings a limited account back at its reset, and tells of it without traffic', () => {
    const { pool, clock, dirty } = createPool();
    pool.replace([record({ name: 'a', url })]);
    const until = asEpoch(clock.now() + 10_000);
    pool.judged(a, { kind: 'limited', until, window: '5h', scope: null }, null);
    expect(pool.viewOf(a)).toMatchObject({
      state: 'limited',
      availableAt: until,
      reason: 'reached its 5h limit',
    });
    expect(pool.readyCount()).toBe(0);
    dirty.length = 0;
    clock.advance(9999);
    pool.tick();
    expect([dirty, pool.readyCount()]).toEqual([[], 0]);
    clock.advance(1);
    pool.tick();
    expect([dirty, pool.readyCount()]).toEqual([['id-a'], 1]);
    pool.tick();
    expect(dirty).toHaveLength(1);
    expect(pool.viewOf(a)).toMatchObject({ state: 'ready', availableAt: null });
  });

  test('a window that has passed says nothing more', () => {
    const { pool, clock } = createPool();
    pool.replace([record({ name: 'a', url })]);
    const reset = Math.ceil(clock.now() / 1000) + 60;
    const headers = {
      'anthropic-ratelimit-unified-5h-utilization': '0.5',
      'anthropic-ratelimit-unified-5h-status': 'allowed',
      'anthropic-ratelimit-unified-5h-reset': String(reset),
    };
    pool.limitsSeen(a, readLimits(headers, clock.now()));
    expect(pool.viewOf(a)?.windows).toMatchObject([{ id: '5h', utilization: 0.5, resetsAt: reset * 1000 }]);
    clock.advance(61_000);
    expect(pool.viewOf(a)?.windows).toMatchObject([{ id: '5h', utilization: null, status: null }]);
  });
});

const hour = 3_600_000;
const tenYears = 10 * 365 * 24 * hour;

/** Both of one kind: a rest of our own making, and one until a time that the provider named. */
const resting = () => {
  const made = createPool();
  const { pool, clock } = made;
  const b = accountId('b');
  pool.replace([record({ name: 'a', url }), record({ name: 'b', url })]);
  pool.tick();
  const rest = (): void => {
    pool.judged(a, { kind: 'overloaded' }, null);
    const reset = String(Math.ceil(clock.now() / 1000) + 5 * 3600);
    const headers = {
      'anthropic-ratelimit-unified-5h-utilization': '1',
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': reset,
    };
    pool.limitsSeen(b, readLimits(headers, clock.now()));
    const until = asEpoch(Number(reset) * 1000);
    pool.judged(b, { kind: 'limited', until, window: '5h', scope: null }, null);
  };
  const states = () => [pool.viewOf(a)?.state, pool.viewOf(b)?.state];
  /** Time goes by, and is looked at every second. */
  const pass = (ms: number): void => {
    for (let gone = 0; gone < ms; gone += 1000) {
      clock.advance(1000);
      pool.tick();
    }
  };
  return { ...made, rest, states, pass };
};

describe('somebody sets the clock, and nothing rests for longer than it would have', () => {
  test.each([
    ['back by two hours', -2 * hour],
    ['back by ten years', -tenYears],
  ])('%s: what rests ends when it would have ended, to the second', (_, by) => {
    const { pool, clock, rest, states, pass } = resting();
    rest();
    clock.setWall(clock.now() + by);
    pool.tick();
    expect(states()).toEqual(['benched', 'limited']);
    pass(2000);
    expect(states()).toEqual(['ready', 'limited']);
    const { availableAt } = pool.viewOf(accountId('b'))!;
    expect(availableAt! - clock.now()).toBeLessThan(5 * hour);
    pass(5 * hour);
    expect([states(), pool.readyCount()]).toEqual([['ready', 'ready'], 2]);
  });

  test.each([
    ['a sleep of eight hours', 8 * hour],
    ['ten years ahead', tenYears],
  ])('%s frees everybody at the next look', (_, by) => {
    const { pool, clock, rest, states, dirty } = resting();
    rest();
    dirty.length = 0;
    clock.setWall(clock.now() + by);
    pool.tick();
    expect([states(), dirty.toSorted()]).toEqual([
      ['ready', 'ready'],
      ['id-a', 'id-b'],
    ]);
  });

  test('ten years ahead and back again: no rest of that time stays', () => {
    const { pool, clock, rest, states, pass } = resting();
    clock.setWall(clock.now() + tenYears);
    pool.tick();
    rest();
    pool.dispatched(a);
    pool.released(a);
    clock.setWall(clock.now() - tenYears);
    pool.tick();
    expect(pool.viewOf(a)!.lastUsedAt).toBeLessThanOrEqual(clock.now());
    pass(2000);
    expect(states()).toEqual(['ready', 'limited']);
    pass(5 * hour);
    expect(states()).toEqual(['ready', 'ready']);
  });

  test('a store that failed is asked again soon all the same', async () => {
    let asked = 0;
    const { pool, clock } = createPool(async () => ((asked += 1), null));
    pool.replace([record({ name: 'a', url })]);
    await pool.secretOf(a);
    clock.setWall(clock.now() - tenYears);
    pool.tick();
    clock.advance(31_000);
    pool.tick();
    expect(asked).toBe(2);
  });

  test('while nobody sets it, a look changes and tells nothing', () => {
    const { rest, pass, dirty } = resting();
    rest();
    pass(2000);
    dirty.length = 0;
    pass(3600_000);
    expect(dirty).toEqual([]);
  });
});

describe('secrets', () => {
  test('are asked for once, however many requests need them', async () => {
    const asked: string[] = [];
    const { pool } = createPool(async (id, store) => {
      asked.push(`${id} ${store}`);
      return new Secret('s');
    });
    pool.replace([record({ name: 'a', url })]);
    const secrets = await Promise.all([pool.secretOf(a), pool.secretOf(a), pool.loadSecrets()]);
    expect(secrets[0]?.reveal()).toBe('s');
    expect(asked).toEqual(['id-a memory']);
    expect(await pool.secretOf(accountId('unknown'))).toBeNull();
  });

  test('that could not be had are asked for again, also when the record changed during the question', async () => {
    const answers = [Promise.withResolvers<Secret | null>(), Promise.withResolvers<Secret | null>()];
    let asked = 0;
    const { pool } = createPool(() => ((asked += 1), answers[asked - 1]!.promise));
    pool.replace([record({ name: 'a', url })]);
    const first = pool.secretOf(a);
    pool.replace([record({ name: 'a', url, priority: 7 })]);
    answers[0]!.resolve(null);
    expect(await first).toBeNull();
    const second = pool.secretOf(a);
    answers[1]!.resolve(new Secret('s'));
    expect((await second)?.reveal()).toBe('s');
    expect([asked, pool.viewOf(a)?.state]).toEqual([2, 'ready']);
  });

  test('that were stored anew come in the place of the one at hand', async () => {
    let stored = 'first';
    const { pool } = createPool(async () => new Secret(stored));
    pool.replace([record({ name: 'a', url })]);
    expect((await pool.secretOf(a))?.reveal()).toBe('first');
    stored = 'second';
    pool.forgetSecret(a);
    pool.forgetSecret(accountId('b'));
    expect((await pool.secretOf(a))?.reveal()).toBe('second');
  });

  test('that are stored anew while somebody waits for the old one are what that one gets', async () => {
    const answers = [Promise.withResolvers<Secret | null>(), Promise.withResolvers<Secret | null>()];
    let asked = 0;
    const { pool } = createPool(() => ((asked += 1), answers[asked - 1]!.promise));
    pool.replace([record({ name: 'a', url })]);
    const waiting = pool.secretOf(a);
    pool.forgetSecret(a);
    answers[0]!.resolve(new Secret('first'));
    answers[1]!.resolve(new Secret('second'));
    expect((await waiting)?.reveal()).toBe('second');
    expect([asked, pool.secretAtHand(a)?.reveal()]).toEqual([2, 'second']);
  });

  test('that are missing make the account say so, and it serves nobody', async () => {
    const { pool } = createPool(async () => null);
    pool.replace([record({ name: 'a', url })]);
    expect(await pool.secretOf(a)).toBeNull();
    expect(pool.viewOf(a)).toMatchObject({
      state: 'error',
      reason: expect.stringContaining('not in the memory'),
    });
    expect(pool.readyCount()).toBe(0);
  });

  const answers: readonly (readonly [what: string, get: () => Promise<Secret | null>])[] = [
    ['rejects', () => Promise.reject(new CcrError('store_unavailable', 'the keychain is locked'))],
    [
      'throws',
      () => {
        throw new Error('the keychain is locked');
      },
    ],
  ];
  test.each(answers)('of a store that %s are asked for again later, and then it works', async (_, broken) => {
    let get = broken;
    let asked = 0;
    const { pool, clock } = createPool(() => {
      asked += 1;
      return get();
    });
    pool.replace([record({ name: 'a', url })]);
    await pool.loadSecrets();
    expect(pool.viewOf(a)).toMatchObject({ state: 'error', reason: 'the keychain is locked' });
    get = async () => new Secret('s');
    clock.advance(29_999);
    pool.tick();
    expect(asked).toBe(1);
    clock.advance(1);
    pool.tick();
    expect(asked).toBe(2);
    expect((await pool.secretOf(a))?.reveal()).toBe('s');
    expect(pool.viewOf(a)).toMatchObject({ state: 'ready', reason: null });
  });

  test('never appear in what the pool tells', async () => {
    const { pool } = createPool(async () => new Secret('sk-ant-marker'));
    pool.replace([record({ name: 'a', url })]);
    await pool.loadSecrets();
    expect(JSON.stringify([pool.viewOf(a), pool.candidates()])).not.toContain('sk-ant-marker');
  });
});

describe('a base URL that was changed', () => {
  const moved = 'http://127.0.0.1:10';

  test('does not get the secret that was given for another one, and says what to do', async () => {
    const { pool } = createPool(async () => bindSecret(new Secret('key'), url));
    pool.replace([record({ name: 'a', url: moved })]);
    expect(await pool.secretOf(a)).toBeNull();
    expect(pool.viewOf(a)).toMatchObject({
      state: 'error',
      reason: expect.stringMatching(
        /given for http:\/\/127\.0\.0\.1:9 and is not sent to http:\/\/127\.0\.0\.1:10; put the base URL back, or remove/,
      ),
    });
    expect(pool.readyCount()).toBe(0);
    pool.replace([record({ name: 'a', url: `${url}/prefix` })]);
    expect((await pool.secretOf(a))?.reveal()).toBe('key');
    expect(pool.viewOf(a)).toMatchObject({ state: 'ready' });
  });

  test('does not get one that was at hand, either', async () => {
    const { pool } = createPool(async () => bindSecret(new Secret('key'), url));
    pool.replace([record({ name: 'a', url })]);
    expect((await pool.secretOf(a))?.reveal()).toBe('key');
    pool.replace([record({ name: 'a', url: moved })]);
    expect(pool.secretAtHand(a)).toBeNull();
    expect(await pool.secretOf(a)).toBeNull();
  });

  test('does not get one that was on its way', async () => {
    const late = Promise.withResolvers<Secret>();
    const { pool } = createPool(() => late.promise);
    pool.replace([record({ name: 'a', url })]);
    const first = pool.secretOf(a);
    pool.replace([record({ name: 'a', url: moved })]);
    const second = pool.secretOf(a);
    late.resolve(bindSecret(new Secret('key'), url));
    expect(await Promise.all([first, second])).toEqual([null, null]);
    expect(pool.secretAtHand(a)).toBeNull();
    expect(pool.viewOf(a)).toMatchObject({ state: 'error' });
  });
});
