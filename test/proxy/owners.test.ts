import { afterEach, describe, expect, test } from 'vitest';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { createOwners, isMaking, mostOwners, type Owner } from '../../source/proxy/owners.ts';
import {
  accountId,
  answerBytes,
  ask,
  endAll,
  ending,
  headerOf,
  record,
  startProxy,
  type Ask,
  type TestAccount,
} from './start-proxy.ts';

afterEach(endAll);

const [a, b] = [accountId('a'), accountId('b')];

describe('who made a batch or a file', () => {
  test('is known by every path that leads to it, and by no other', () => {
    const owners = createOwners([{ id: 'file_1', account: a }], () => undefined);
    owners.made('msgbatch_1', b);
    expect(owners.of('/v1/files/file_1')).toBe(a);
    expect(owners.of('/v1/files/file_1/content')).toBe(a);
    expect(owners.of('/v1/messages/batches/msgbatch_1/results')).toBe(b);
    for (const path of ['/v1/files', '/v1/files/', '/v1/files/file_2', '/v1/messages/msgbatch_1']) {
      expect(owners.of(path)).toBeNull();
    }
  });

  test('is forgotten of the oldest behind ten thousand', () => {
    const owners = createOwners([], () => undefined);
    for (let n = 0; n <= mostOwners; n += 1) owners.made(`file_${n}`, a);
    expect(owners.of('/v1/files/file_0')).toBeNull();
    expect(owners.of('/v1/files/file_1')).toBe(a);
  });

  test('is not kept under a name that is none', () => {
    const told: Owner[] = [];
    const owners = createOwners([], (owner) => told.push(owner));
    owners.made('', a);
    owners.made('x'.repeat(201), a);
    expect(told).toEqual([]);
  });

  test.each([
    ['POST', '/v1/files', true],
    ['POST', '/v1/messages/batches', true],
    ['GET', '/v1/files', false],
    ['POST', '/v1/messages', false],
    ['POST', '/v1/messages/batches/b_1/cancel', false],
  ])('%s %s makes one: %s', (method, path, makes) => expect(isMaking(method, path)).toBe(makes));
});

/** Two accounts whose upstream names what it makes after the account's key. */
const makers = async (owners?: { known: Owner[]; add(owner: Owner): void }) => {
  const upstream = ending(
    await startRawUpstream(async (connection) => {
      for (;;) {
        const message = await connection.message(60_000).catch(() => null);
        if (message === null) return;
        const key = message.header('x-api-key') ?? '';
        const isList = message.startLine.startsWith('GET /v1/files ');
        const body = JSON.stringify({
          type: 'file',
          id: isList ? 'list' : `made_by_${key}`,
          encoding: message.header('accept-encoding'),
        });
        await connection.send(answerBytes(200, { 'content-type': 'application/json' }, body));
      }
    }),
  );
  const accounts: TestAccount[] = ['a', 'b'].map((name) => ({ name, url: upstream.url }));
  const options = { config: { strategy: 'spread' as const }, ...(owners ? { owners } : {}) };
  return { ...(await startProxy(accounts, options)), accounts };
};

const by = async (proxy: Awaited<ReturnType<typeof makers>>, request: Ask): Promise<string | undefined> =>
  headerOf(await ask(proxy, request), 'x-ccr-account');

describe('what was made by an account', () => {
  test.each([
    ['/v1/files', Buffer.alloc(100_000)],
    ['/v1/messages/batches', '{"requests":[]}'],
  ])('is asked of that account again, whoever is chosen otherwise (%s)', async (path, body) => {
    const proxy = await makers();
    const maker = await by(proxy, { path, body });
    const other = maker === 'a' ? 'b' : 'a';
    for (let n = 0; n < 4; n += 1) {
      expect(await by(proxy, { method: 'GET', path: `${path}/made_by_key-${maker}` })).toBe(maker);
    }
    // Spread over both, it is the other one's turn.
    expect(await by(proxy, { method: 'GET', path })).toBe(other);
    expect(await by(proxy, { method: 'DELETE', path: `${path}/made_by_key-${maker}` })).toBe(maker);
  });

  test('is asked of nobody else, also when that account cannot serve', async () => {
    const proxy = await makers({ known: [{ id: 'file_1', account: b }], add: () => undefined });
    proxy.proxy.setAccounts(proxy.accounts.map((each) => record({ ...each, paused: each.name === 'b' })));
    const answer = await ask(proxy, { method: 'GET', path: '/v1/files/file_1' });
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([503, 'no_account']);
    // An account that has gone can never serve: whoever is there says what it says.
    proxy.proxy.setAccounts(proxy.accounts.slice(0, 1).map(record));
    expect(await by(proxy, { method: 'GET', path: '/v1/files/file_1' })).toBe('a');
  });

  test('is known again after a restart', async () => {
    const known: Owner[] = [];
    const first = await makers({ known: [], add: (owner) => known.push(owner) });
    const maker = await by(first, { path: '/v1/files', body: 'x' });
    expect(known).toEqual([{ id: `made_by_key-${maker}`, account: accountId(maker ?? '') }]);
    const second = await makers({ known, add: () => undefined });
    for (let n = 0; n < 3; n += 1) {
      expect(await by(second, { method: 'GET', path: `/v1/files/made_by_key-${maker}` })).toBe(maker);
    }
  });

  test('is read from an answer in plain text: that is asked for', async () => {
    const proxy = await makers();
    const answer = await ask(proxy, { path: '/v1/files', body: 'x', headers: { 'accept-encoding': 'gzip' } });
    expect(String(answer.response?.body)).toContain('"encoding":"identity"');
  });
});
