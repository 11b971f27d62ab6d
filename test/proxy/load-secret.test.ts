import { afterEach, expect, test } from 'vitest';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { accountId, answerAll, answerBytes, ask, endAll, ending, startProxy } from './start-proxy.ts';

afterEach(endAll);

test('stores that do not give their secrets cost a request no attempt: the twelfth account still answers', async () => {
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
  const names = 'abcdefghijk'.split('');
  const silent = new Map(names.map((name) => [accountId(name), Promise.withResolvers<void>()]));
  const keeper = {
    async get(id: AccountId) {
      const waiting = silent.get(id);
      if (waiting === undefined) return new Secret('key');
      await waiting.promise;
      throw new CcrError('store_unavailable', 'the keychain is locked');
    },
  };
  const accounts = [...names, 'last'].map((name, priority) => ({ name, url: upstream.url, priority }));
  const proxy = await startProxy(accounts, { keeper });
  const asked = ask(proxy);
  for (const [index, name] of names.entries()) {
    await proxy.account(name, ({ inFlight }) => inFlight === 1);
    expect(proxy.eventsOf('attemptFailed')).toHaveLength(index);
    silent.get(accountId(name))?.resolve();
  }
  expect((await asked).status).toBe(200);
  const { attempts } = await proxy.row();
  const without = { status: null, verdict: 'unauthorized' };
  const tried = names.map((account) => ({ ...without, account }));
  expect(attempts).toMatchObject([...tried, { account: 'last', verdict: 'forwarded' }]);
  expect(upstream.connections).toHaveLength(1);
  for (const name of names) {
    await proxy.account(
      name,
      ({ state, reason }) => state === 'error' && reason === 'the keychain is locked',
    );
  }
});
