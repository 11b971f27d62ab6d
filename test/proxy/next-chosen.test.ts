import { afterEach, describe, expect, test } from 'vitest';
import type { AccountId } from '../../source/shared/types.ts';
import { accountId, ask, endAll, headerOf, startPair, type TestProxy } from './start-proxy.ts';

afterEach(endAll);

const unified = { kind: 'unified' } as const;

/** Everything told of the next account, once the newest is this one. */
const told = async (proxy: TestProxy, account: AccountId | null): Promise<(AccountId | null)[]> => {
  await proxy.awaitEvent('nextChosen', (event) => {
    return event.account === account && event === proxy.eventsOf('nextChosen').at(-1);
  });
  return proxy.eventsOf('nextChosen').map((event) => event.account);
};

describe('the account that a new conversation would get is told', () => {
  test('at the start, and again when it is paused or nobody is left', async () => {
    const pair = await startPair({ a: unified, b: unified });
    const [a, b] = pair.records;
    expect(await told(pair, accountId('a'))).toEqual([accountId('a')]);
    pair.proxy.setAccounts([{ ...a!, paused: true }, b!]);
    expect(await told(pair, accountId('b'))).toHaveLength(2);
    pair.proxy.setAccounts([{ ...a!, paused: true }]);
    expect(await told(pair, null)).toEqual([accountId('a'), accountId('b'), null]);
  });

  test('when there is none', async () => {
    const pair = await startPair({});
    expect(await told(pair, null)).toEqual([null]);
  });

  test('when the one before has used up its window, and the next request goes where it was said', async () => {
    const pair = await startPair({
      a: { ...unified, used: { '5h': 0.999999 } },
      b: { ...unified, used: { '5h': 0.5 } },
    });
    await told(pair, accountId('a'));
    // What is known of `a` is that it has spent its window; of `b` that it has served.
    const first = await ask(pair);
    expect(headerOf(first, 'x-ccr-account')).toBe('a');
    await ask(pair);
    await told(pair, accountId('b'));
    expect(headerOf(await ask(pair), 'x-ccr-account')).toBe('b');
  });

  test('not again while it stays the same', async () => {
    const pair = await startPair({ a: unified });
    for (let n = 0; n < 10; n += 1) await ask(pair);
    await pair.account('a', ({ requests, inFlight }) => requests === 10 && inFlight === 0);
    expect(await told(pair, accountId('a'))).toEqual([accountId('a')]);
  });
});
