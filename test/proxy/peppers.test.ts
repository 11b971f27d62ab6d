import { beforeEach, expect, test } from 'vitest';
import { digestKey } from '../../source/credentials/key-pepper.ts';
import { createPeppers, type Peppers } from '../../source/proxy/peppers.ts';
import type { SecretStoreName } from '../../source/shared/types.ts';

type Answer = PromiseWithResolvers<Buffer | null>;

let now: number;
let logged: string[];
let asked: { store: SecretStoreName; answer: Answer }[];
let peppers: Peppers;

beforeEach(() => {
  now = 0;
  logged = [];
  asked = [];
  peppers = createPeppers({
    clock: { monotonic: () => now },
    loadPepper(store) {
      const answer = Promise.withResolvers<Buffer | null>();
      asked.push({ store, answer });
      return answer.promise;
    },
    log: (level, text) => logged.push(`${level}: ${text}`),
  });
});

const give = (index: number, pepper: Buffer | null): void => asked[index]?.answer.resolve(pepper);
const one = Buffer.from('one');
const two = Buffer.from('two');
const madeBy = (store: SecretStoreName): string | undefined => peppers.known.get(store)?.('a key');
const hmac = (pepper: Buffer): string => digestKey(pepper, 'a key').toString('latin1');

test('each store is asked once, however many wait for it, and what it gave is known', async () => {
  const waiting = [peppers.ask('vault'), peppers.ask('vault'), peppers.ask('keychain')];
  give(0, one);
  give(1, two);
  await Promise.all(waiting);
  await peppers.ask('vault');
  expect(asked.map(({ store }) => store)).toEqual(['vault', 'keychain']);
  expect([madeBy('vault'), madeBy('keychain')]).toEqual([hmac(one), hmac(two)]);
  expect(logged).toEqual([]);
});

test('a store that gives nothing, or fails, is said, and asked again after five seconds and not before', async () => {
  const first = peppers.ask('keychain');
  asked[0]?.answer.reject(new Error('it is locked'));
  await first;
  now = 4999;
  await peppers.ask('keychain');
  expect(asked).toHaveLength(1);
  now = 5000;
  const second = peppers.ask('keychain');
  give(1, null);
  await second;
  now = 10_000;
  const third = peppers.ask('keychain');
  give(2, one);
  await third;
  expect(madeBy('keychain')).toBe(hmac(one));
  expect(logged).toEqual([
    'warning: client keys cannot be checked: it is locked',
    'warning: client keys cannot be checked: their secret is not in the keychain',
  ]);
});

test('a store that does not answer is not asked a second time meanwhile, however long that takes', async () => {
  const first = peppers.ask('keychain');
  now = 60_000;
  expect(peppers.ask('keychain')).toBe(first);
  give(0, one);
  await first;
  expect(asked).toHaveLength(1);
});

test('what was forgotten is asked for at once, and an answer that was on its way does not come back', async () => {
  const first = peppers.ask('vault');
  peppers.forget('vault');
  const second = peppers.ask('vault');
  give(1, two);
  await second;
  give(0, one);
  await first;
  expect(madeBy('vault')).toBe(hmac(two));
  peppers.forget('vault');
  expect([...peppers.known]).toEqual([]);
  const third = peppers.ask('vault');
  give(2, one);
  await third;
  expect(madeBy('vault')).toBe(hmac(one));
});
