import { describe, expect, test } from 'vitest';
import { smallWorld, worldOf } from './samples.ts';

test('a world is read, with what it leaves out', () => {
  const world = worldOf(smallWorld());
  expect(world.boundUsd).toBe(1);
  expect(world.accounts[1]).toMatchObject({ name: 'b', kind: 'plan', priority: 1, external: [[100, 0.5]] });
  expect(worldOf(smallWorld({ bound: undefined })).boundUsd).toBeNull();
});

describe('what does not fit is one line that names the file and the field', () => {
  const account = { name: 'a', kind: 'plan', windows: [] };
  const window = { id: '7d', kind: 'fixed', lengthMs: 1000, capacityUsd: 1, models: null, resetAtMs: 5 };
  const withWindow = (change: object) => ({
    accounts: [{ ...account, windows: [{ ...window, ...change }] }],
  });
  test.each<[Record<string, unknown>, string]>([
    [{ format: 'x' }, 'format: wanted ccr-accounts/1'],
    [{ policy: {} }, 'policy.maxHoldMs: wanted a whole number'],
    [{ accounts: [{ ...account, name: '' }] }, 'accounts[0].name: wanted a name'],
    [{ accounts: [{ ...account, kind: 'gift' }] }, 'accounts[0].kind: wanted plan or api'],
    [{ accounts: [account, account] }, 'accounts: wanted names of their own; a stands there twice'],
    [{ accounts: [{ ...account, kind: 'api' }] }, 'accounts[0].inputTokensPerMin: wanted a number'],
    [{ accounts: [{ ...account, external: [[1]] }] }, 'accounts[0].external[0]: wanted a time and an amount'],
    [withWindow({ id: 7 }), 'accounts[0].windows[0].id: wanted a name'],
    [withWindow({ kind: 'open' }), 'accounts[0].windows[0].kind: wanted first-use or fixed'],
    [withWindow({ lengthMs: 0 }), 'accounts[0].windows[0].lengthMs: wanted a whole number, not below 1000'],
    [withWindow({ resetAtMs: 'x' }), 'accounts[0].windows[0].resetAtMs: wanted a whole number'],
    [withWindow({ models: [7] }), 'accounts[0].windows[0].models: wanted null or a list of names'],
    [
      withWindow({ lengthMs: 1e-7 }),
      'accounts[0].windows[0].lengthMs: wanted a whole number, not below 1000',
    ],
    [{ bound: { usd: 'x' } }, 'bound.usd: wanted a number'],
  ])('%j', (change, what) => {
    expect(() => worldOf(smallWorld(change))).toThrow(`accounts.json: ${what}`);
  });

  test('of many fields all are named at once', () => {
    const wrong = { policy: 7, accounts: [7, { ...account, kind: 'gift', name: 8 }], bound: [] };
    expect(() => worldOf(smallWorld(wrong))).toThrow(
      'accounts.json: accounts[0]: wanted an object; accounts[1].kind: wanted plan or api; ' +
        'accounts[1].name: wanted a name; policy: wanted an object; bound: wanted an object',
    );
  });
});
