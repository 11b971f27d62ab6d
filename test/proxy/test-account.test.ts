import { afterEach, describe, expect, test } from 'vitest';
import { CcrError } from '../../source/shared/errors.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { accountId, answerAll, answerBytes, endAll, ending, startProxy } from './start-proxy.ts';

afterEach(endAll);

const json = { 'content-type': 'application/json' };
const models = JSON.stringify({ data: [{ id: 'a' }, { id: 'b' }], has_more: false });

describe('testing an account', () => {
  test('asks for the models with its secret on a connection of its own, and for nothing else', async () => {
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, json, models))));
    const url = `${upstream.url}/prefix`;
    const { proxy } = await startProxy([{ name: 'work', url, key: 'sk-ant-api03-marker' }]);
    expect(await proxy.account.test(accountId('work'))).toEqual({
      account: 'work',
      url: `${url}/v1/models`,
      status: 200,
      ms: expect.any(Number),
      models: 2,
      problem: null,
    });
    await proxy.account.test(accountId('work'));
    expect(upstream.connections).toHaveLength(2);
    const said = upstream.connections[0]?.received().toString() ?? '';
    expect(said.split('\r\n')[0]).toBe('GET /prefix/v1/models HTTP/1.1');
    expect(said).toContain('x-api-key: sk-ant-api03-marker\r\n');
  });

  test.each([
    [
      401,
      json,
      '{"error":{"message":"invalid x-api-key"}}',
      'the provider refused its secret (401): invalid x-api-key',
    ],
    [403, {}, '<html>no</html>', 'the provider refused its secret (403)'],
    [529, json, '{"error":{"message":"\\u001b[2Jlate"}}', 'the provider answered 529: \\x1b[2Jlate'],
    [404, {}, '', 'the provider answered 404'],
    [200, { 'content-type': 'text/html' }, '<html>sign in</html>', 'what answered 200 is no list of models'],
  ])('with an answer %i of another kind says so', async (status, headers, body, problem) => {
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(status, headers, body))));
    const { proxy } = await startProxy([{ name: 'work', url: upstream.url }]);
    expect(await proxy.account.test(accountId('work'))).toMatchObject({ status, models: null, problem });
  });

  test('that cannot be reached, does not answer or has no secret says so', async () => {
    const silent = ending(await startRawUpstream());
    const accounts = [
      { name: 'closed', url: 'http://127.0.0.1:9' },
      { name: 'silent', url: silent.url },
    ];
    const { proxy } = await startProxy(accounts, { config: { timeouts: { firstByteMs: 50 } } });
    const problemOf = async (name: string) => (await proxy.account.test(accountId(name))).problem;
    expect(await problemOf('closed')).toBe('it cannot be reached');
    expect(await problemOf('silent')).toBe('no answer in time');
    await expect(problemOf('nobody')).rejects.toMatchObject({ code: 'unknown_account' });

    const locked = new CcrError('store_unavailable', 'the keychain is locked');
    const other = await startProxy(accounts, { keeper: { get: () => Promise.reject(locked) } });
    expect(await other.proxy.account.test(accountId('silent'))).toMatchObject({
      status: null,
      problem: 'the keychain is locked',
    });
  });

  test('takes no answer without end', async () => {
    const endless = ending(
      await startRawUpstream(async (connection) => {
        await connection.message();
        await connection.send('HTTP/1.1 200 OK\r\n\r\n');
        await connection.send(Buffer.alloc(1_100_000, 32));
      }),
    );
    const { proxy } = await startProxy([{ name: 'work', url: endless.url }]);
    expect(await proxy.account.test(accountId('work'))).toMatchObject({ status: 200, models: null });
  });
});
