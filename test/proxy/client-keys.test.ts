import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { digestKey, newClientKey } from '../../source/credentials/key-pepper.ts';
import {
  createClientKeys,
  type ClientKeys,
  type ClientKeysOptions,
  type Identified,
} from '../../source/proxy/client-keys.ts';
import { unlimited, type ClientKeyRecord, type KeyLimits } from '../../source/shared/client-key.ts';
import { asEpoch, type EpochMs } from '../../source/shared/types.ts';
import { keyRecord } from '../kit/records.ts';
import { sigmasApart, type Guessing, type Pair } from '../kit/compare-times.ts';
import { testConfig, type TestConfig } from './start-proxy.ts';

const pepper = randomBytes(32);
const start = asEpoch(1_790_000_000_000);
let now: EpochMs;
let config: TestConfig;
let store: () => Promise<Buffer | null>;
let logged: string[];
let keys: ClientKeys;

beforeEach(() => {
  now = start;
  config = {};
  logged = [];
  store = async () => pepper;
  keys = createClientKeys(options);
});

const options: ClientKeysOptions = {
  config: () => testConfig(config),
  clock: { now: () => now, monotonic: () => now - start + 1000 },
  loadPepper: () => store(),
  log: (_level, text) => logged.push(text),
};

const hashOf = (key: string): string => digestKey(pepper, key).toString('base64');

let count = 0;
const record = (key: string, more: Partial<ClientKeyRecord> = {}): ClientKeyRecord =>
  keyRecord('laptop', { id: `id-${(count += 1)}`, hash: hashOf(key), createdAt: start, ...more });

const withKey = (key: string): Promise<Identified> =>
  Promise.resolve(keys.identify(['Authorization', `Bearer ${key}`], '/v1/messages'));
const codeOf = async (answer: Identified | Promise<Identified>): Promise<string | null> =>
  (await answer).refusal?.code ?? null;
const key = newClientKey().reveal();

describe('a key', () => {
  test('opens in either header, and names who asks', async () => {
    keys.replace([record(key)]);
    for (const headers of [
      ['authorization', `Bearer ${key}`],
      ['X-API-Key', key],
      ['x-api-key', key, 'authorization', `Bearer ${key}`],
    ]) {
      const { caller, refusal } = await keys.identify(headers, '/v1/messages');
      expect([caller.name, refusal]).toEqual(['laptop', null]);
    }
  });

  test.each([
    ['none', [], 'key_missing'],
    ['an empty one', ['x-api-key', ''], 'key_missing'],
    ['another one', ['x-api-key', newClientKey().reveal()], 'key_wrong'],
    ['its beginning', ['x-api-key', key.slice(0, -1)], 'key_wrong'],
    ['more than it', ['x-api-key', `${key}x`], 'key_wrong'],
    ['in other letters', ['x-api-key', key.toUpperCase()], 'key_wrong'],
    ['without its prefix', ['x-api-key', key.slice(4)], 'key_wrong'],
    ['its hash', ['x-api-key', hashOf(key)], 'key_wrong'],
    ['a token of the client', ['authorization', 'Bearer sk-ant-oat01-abcdefghijkl'], 'key_wrong'],
    ['Basic', ['authorization', `Basic ${Buffer.from(`x:${key}`).toString('base64')}`], 'key_wrong'],
    ['no scheme', ['authorization', key], 'key_wrong'],
    ['two', ['x-api-key', key, 'authorization', 'Bearer other'], 'key_wrong'],
    ['two of one name', ['authorization', `Bearer ${key}`, 'authorization', 'Bearer other'], 'key_wrong'],
    ['both, one Basic', ['x-api-key', key, 'authorization', 'Basic eDp5'], 'key_wrong'],
    ['10 KB', ['x-api-key', `ccr_${'k'.repeat(10_000)}`], 'key_wrong'],
    ['a NUL', ['x-api-key', `${key.slice(0, -1)}\0`], 'key_wrong'],
  ])('is wanted: %s is refused', async (_what, headers, code) => {
    keys.replace([record(key)]);
    expect(await codeOf(keys.identify(headers, '/v1/messages'))).toBe(code);
  });

  test('in the address is refused, even beside the right one', async () => {
    keys.replace([record(key)]);
    expect(await codeOf(keys.identify(['x-api-key', key], `/v1/messages?key=${key}`))).toBe('key_wrong');
    expect(await codeOf(keys.identify([], `/v1/messages?key=${key}`))).toBe('key_wrong');
  });

  test('ends when it is revoked, expires, or is replaced and its grace is over', async () => {
    const next = newClientKey().reveal();
    const until = asEpoch(start + 1000);
    keys.replace([record(key, { revokedAt: start })]);
    expect((await withKey(key)).refusal?.message).toContain('laptop was revoked');
    keys.replace([record(key, { limits: { ...unlimited, expiresAt: until } })]);
    expect(await codeOf(withKey(key))).toBeNull();
    now = until;
    expect((await withKey(key)).refusal?.message).toContain('laptop has expired');
    now = start;
    keys.replace([record(next, { previous: { hash: hashOf(key), until } })]);
    expect([await codeOf(withKey(key)), await codeOf(withKey(next))]).toEqual([null, null]);
    now = until;
    expect([await codeOf(withKey(key)), await codeOf(withKey(next))]).toEqual(['key_wrong', null]);
    keys.replace([]);
    expect(await codeOf(withKey(next))).toBe('key_wrong');
  });
});

describe('whether a key is needed', () => {
  const anybody = ['authorization', 'Bearer ccr-tui'];
  const nobody = async (): Promise<(string | null)[]> => [
    await codeOf(keys.identify([], '/')),
    await codeOf(keys.identify(anybody, '/')),
  ];

  test('not before a person has made one; then it stays so, even when that one is revoked', async () => {
    expect(await nobody()).toEqual([null, null]);
    keys.replace([record(key, { kind: 'connect' }), record(newClientKey().reveal(), { kind: 'run' })]);
    expect(await nobody()).toEqual([null, null]);
    expect((await withKey(key)).caller.name).toBe('laptop');
    keys.replace([record(key, { revokedAt: start })]);
    expect(await nobody()).toEqual(['key_missing', 'key_wrong']);
  });

  test('beyond loopback always, and as the setting says', async () => {
    config = { host: '0.0.0.0' };
    expect(await nobody()).toEqual(['key_missing', 'key_wrong']);
    config = { requireClientKey: true };
    expect(await nobody()).toEqual(['key_missing', 'key_wrong']);
    config = { requireClientKey: false };
    keys.replace([record(key)]);
    expect(await nobody()).toEqual([null, null]);
  });

  test('a key of ours that is not valid is refused all the same', async () => {
    config = { requireClientKey: false };
    keys.replace([record(key, { revokedAt: start })]);
    expect(await codeOf(withKey(key))).toBe('key_wrong');
    expect(await codeOf(withKey('ccr_short'))).toBe('key_wrong');
    const two = ['x-api-key', key, 'authorization', 'Bearer mine'];
    expect(await codeOf(keys.identify(two, '/'))).toBe('key_wrong');
    const foreign = ['x-api-key', 'sk-ant-api03-x', 'authorization', 'Bearer mine'];
    expect(await codeOf(keys.identify(foreign, '/'))).toBeNull();
  });
});

describe('the limits of a key', () => {
  const limited = (limits: Partial<KeyLimits>, id = 'one'): void =>
    keys.replace([record(key, { id, limits: { ...unlimited, ...limits } })]);

  test('outlive a change of the records', async () => {
    limited({ requestsPerMinute: 1 });
    expect((await withKey(key)).caller.enter()).toBeNull();
    limited({ requestsPerMinute: 1 });
    expect((await withKey(key)).caller.enter()).toMatchObject({ code: 'key_limited' });
    limited({ requestsPerMinute: 2 });
    expect((await withKey(key)).caller.enter()).toBeNull();
  });

  test('fall back to the setting, which is 100 a minute beyond loopback', async () => {
    keys.replace([record(key)]);
    const enterAll = async (times: number): Promise<number> => {
      const { caller } = await withKey(key);
      return Array.from({ length: times }, () => caller.enter()).filter((refusal) => refusal === null).length;
    };
    expect(await enterAll(150)).toBe(150);
    now = asEpoch(now + 61_000);
    config = { host: '192.0.2.1' };
    expect(await enterAll(150)).toBe(100);
    now = asEpoch(now + 61_000);
    config = { host: '192.0.2.1', clientLimits: { requestsPerMinute: 0 } };
    expect(await enterAll(150)).toBe(150);
    now = asEpoch(now + 61_000);
    config = { clientLimits: { requestsPerMinute: 7 } };
    expect(await enterAll(150)).toBe(7);
  });

  test('of a day are told from outside', async () => {
    limited({ dailyTokens: 10 });
    const { caller } = await withKey(key);
    expect(caller.enter()).toBeNull();
    const day = Math.floor(start / 86_400_000);
    keys.setSpending(new Map([['one', { day, tokens: 10, usd: 0 }]]));
    expect(caller.enter()).toMatchObject({ code: 'budget_spent' });
    now = asEpoch(start + 86_400_000);
    expect(caller.enter()).toBeNull();
  });

  test('of a day hold the key back as long as that is not known, and no key without them', async () => {
    keys = createClientKeys({ ...options, spending: null });
    const free = newClientKey().reveal();
    keys.replace([
      record(key, { id: 'one', limits: { ...unlimited, dailyUsd: 1 } }),
      record(free, { id: 'two', name: 'free' }),
    ]);
    expect((await withKey(free)).caller.enter()).toBeNull();
    const order: string[] = [];
    const identified = withKey(key).then((answer) => {
      order.push('identified');
      return answer;
    });
    await new Promise((resolve) => setImmediate(resolve));
    order.push('told');
    keys.setSpending(new Map([['one', { day: Math.floor(start / 86_400_000), tokens: 0, usd: 1 }]]));
    expect((await identified).caller.enter()).toMatchObject({ code: 'budget_spent' });
    expect(order).toEqual(['told', 'identified']);
    expect(keys.identify(['x-api-key', key], '/')).not.toBeInstanceOf(Promise);
  });
});

describe('the secret behind the hashes', () => {
  test('is waited for once, and then at hand', async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    let asked = 0;
    store = () => {
      asked += 1;
      return promise;
    };
    keys.replace([record(key)]);
    const answers = [withKey(key), withKey(key)];
    resolve(pepper);
    for (const answer of answers) expect(await codeOf(answer)).toBeNull();
    expect(keys.identify(['x-api-key', key], '/')).not.toBeInstanceOf(Promise);
    expect(asked).toBe(1);
  });

  test('that does not come refuses every key without calling it wrong, and is asked for again', async () => {
    store = () => Promise.reject(new Error('the keychain is locked'));
    keys.replace([record(key)]);
    expect(await codeOf(withKey(key))).toBe('internal_error');
    expect(logged).toEqual(['client keys cannot be checked: the keychain is locked']);
    store = async () => null;
    now = asEpoch(now + 5000);
    expect(await codeOf(withKey(key))).toBe('internal_error');
    store = async () => pepper;
    now = asEpoch(now + 5000);
    expect(await codeOf(withKey(key))).toBeNull();
  });
});

describe('10,000 wrong keys', () => {
  const second = newClientKey().reveal();
  const records = { first: record(key), second: record(second) };
  let opening = key;
  /** Close to either key: all of it but the end, in which both guesses of a pair are alike. */
  const pairs = Array.from({ length: 10_000 }, (): Pair => {
    const end = newClientKey().reveal().slice(-3);
    const isRight = key.endsWith(end) || second.endsWith(end);
    const wrong = isRight ? `${end[0] === 'A' ? 'B' : 'A'}${end.slice(1)}` : end;
    return { one: `${key.slice(0, -3)}${wrong}`, other: `${second.slice(0, -3)}${wrong}` };
  });
  const guessing: Guessing = {
    pairs,
    choose: (which) => {
      opening = which === 'first' ? key : second;
      keys.replace([records[which]]);
    },
    refuse: (guess) => {
      const answer = keys.identify(['x-api-key', guess], '/v1/messages');
      if (!('refusal' in answer) || answer.refusal?.code !== 'key_wrong') throw new Error('it opened');
    },
  };

  beforeEach(async () => {
    keys.replace([record(key)]);
    // The secret behind the hashes is at hand from then on, as it is for all but the first request.
    await withKey(key);
  });

  test('none opens, none throws, and how much of one is right cannot be told from the time', () => {
    expect(sigmasApart(guessing)).toBeLessThan(2);
  });

  test('would tell by their time if the key were compared letter by letter', () => {
    const refuse = (guess: string): void => {
      guessing.refuse(guess);
      for (let at = 0; at < opening.length; at += 1) {
        if (guess.charCodeAt(at) !== opening.charCodeAt(at)) return;
      }
    };
    expect(sigmasApart({ ...guessing, refuse })).toBeGreaterThan(5);
  });
});
