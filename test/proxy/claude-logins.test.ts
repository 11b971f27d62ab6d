import { afterEach, describe, expect, test } from 'vitest';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { startOauthMock } from '../kit/oauth-mock.ts';
import {
  answerAll,
  answerBytes,
  ask,
  endAll,
  ending,
  headerOf,
  jsonOf,
  startProxy,
  testConfig,
  type TestAccount,
} from './start-proxy.ts';

afterEach(endAll);

const claudeCode = 'claude-cli/2.1.330 (external, cli)';
const agentSdk = 'claude-cli/2.1.330 (external, sdk-ts, agent-sdk/0.3.330)';
const token = 'sk-ant-oat01-of-the-plan';
const login = JSON.stringify({ accessToken: token, refreshToken: 'sk-ant-ort01-of-the-plan' });

const answering = async (): Promise<RawUpstream> =>
  ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));

const headOf = (upstream: RawUpstream): string =>
  upstream.connections[0]?.received().toString('latin1').split('\r\n\r\n')[0] ?? '';

const betasOf = (upstream: RawUpstream): string[] =>
  headOf(upstream)
    .split('\r\n')
    .filter((line) => /^anthropic-beta:/i.test(line));

describe.each([
  { kind: 'login', key: login },
  { kind: 'setup-token', key: token },
] as const)('an account of kind $kind', ({ kind, key }) => {
  const plan = (url: string) => ({ name: 'plan', url, kind, key, priority: 100 });

  test('serves Claude Code with its access token as a bearer, and shows no other credential', async () => {
    const upstream = await answering();
    const proxy = await startProxy([plan(upstream.url)]);
    const headers = { 'user-agent': claudeCode, 'x-api-key': 'client', authorization: 'Bearer client' };
    const answer = await ask(proxy, { headers });
    expect(answer.status).toBe(200);
    expect(headOf(upstream).match(/^(?:authorization|x-api-key):.*$/gim)).toEqual([
      `authorization: Bearer ${token}`,
    ]);
    expect(headOf(upstream)).not.toContain('ort01');
  });

  test.each([
    [{}, ['anthropic-beta: oauth-2025-04-20']],
    [{ 'anthropic-beta': 'one,two' }, ['anthropic-beta: one,two,oauth-2025-04-20']],
    [{ 'Anthropic-Beta': 'one, oauth-2025-04-20,two' }, ['Anthropic-Beta: one, oauth-2025-04-20,two']],
    [{ 'anthropic-beta': 'oauth-2025-04-20-x' }, ['anthropic-beta: oauth-2025-04-20-x,oauth-2025-04-20']],
  ])('names the beta of logins beside %j of the client', async (headers, sent) => {
    const upstream = await answering();
    const proxy = await startProxy([plan(upstream.url)]);
    await ask(proxy, { headers: { 'user-agent': claudeCode, ...headers } });
    expect(betasOf(upstream)).toEqual(sent);
  });

  test('is not for other clients: the account that comes later serves them, with its own key', async () => {
    const [upstream, paid] = [await answering(), await answering()];
    const proxy = await startProxy([plan(upstream.url), { name: 'paid', url: paid.url }]);
    await ask(proxy, { headers: { 'user-agent': 'Anthropic/JS 1.12.0', 'x-claude-code-session-id': 'a' } });
    expect(upstream.connections).toHaveLength(0);
    expect(headOf(paid)).toContain('x-api-key: key-paid');
    expect(headOf(paid)).not.toContain('oauth-2025-04-20');
    const { account, decision } = await proxy.row();
    expect(account).toBe('paid');
    expect(decision?.considered[0]?.verdict).toMatch(/^client\b.*Claude Code/);
  });

  test.each(['/v1/messages', '/v1/messages/batches', '/v1/files', '/v1/models'])(
    'and where there is no other, those get a 503 that says why, on %s',
    async (path) => {
      const upstream = await answering();
      const proxy = await startProxy([plan(upstream.url)]);
      const answer = await ask(proxy, { path, method: path === '/v1/models' ? 'GET' : 'POST' });
      expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([503, 'no_account']);
      expect(JSON.stringify(jsonOf(answer))).toContain('Claude Code');
      expect(upstream.connections).toHaveLength(0);
    },
  );

  test('serves the Agent SDK only where the user wants it to', async () => {
    for (const loginForAgentSdk of [false, true]) {
      const upstream = await answering();
      const proxy = await startProxy([plan(upstream.url)], { config: { loginForAgentSdk } });
      const answer = await ask(proxy, { headers: { 'user-agent': agentSdk } });
      expect(answer.status).toBe(loginForAgentSdk ? 200 : 503);
    }
  });
});

test('a login whose entry is none needs one, and nothing of the entry is told', async () => {
  const proxy = await startProxy([
    { name: 'plan', url: 'http://127.0.0.1:9', kind: 'login', key: 'sk-ant-oat01-marker' },
  ]);
  await proxy.account(
    'plan',
    ({ state, reason }) => state === 'needs-login' && reason?.includes('is not in the memory') === true,
  );
  expect(JSON.stringify(proxy.events)).not.toContain('marker');
});

describe('a login whose token the provider refuses', () => {
  /** A provider that takes the newest access tokens of these logins alone, and the logins as the proxy has them. */
  const start = async (leftMs = 3_600_000, more: TestAccount[] = []) => {
    const oauth = ending(await startOauthMock());
    const grant = oauth.issue('plan');
    const seen: string[] = [];
    const upstream = ending(
      await startRawUpstream(async (connection) => {
        for (;;) {
          const message = await connection.message(60_000);
          const shown = message.header('authorization')?.replace(/^Bearer /, '') ?? '';
          seen.push(shown);
          const isGood = oauth.isNewest(shown);
          await connection.send(answerBytes(isGood ? 200 : 401, {}, isGood ? '{}' : refusal));
        }
      }),
    );
    const text = JSON.stringify({ ...grant, expiresAt: Date.now() + leftMs });
    const plan = { name: 'plan', url: upstream.url, kind: 'login', key: text, priority: 100 } as const;
    const config = { oauth: { ...testConfig().oauth, tokenUrl: oauth.tokenUrl } };
    const proxy = await startProxy([plan, ...more], { config });
    return { oauth, grant, seen, proxy };
  };
  const refusal = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'x' } });
  const asClaudeCode = { headers: { 'user-agent': claudeCode } };

  test('is renewed once for 100 requests, and each is sent once more on the same account', async () => {
    const { oauth, grant, seen, proxy } = await start();
    oauth.expire(grant.accessToken);
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(proxy, asClaudeCode)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(oauth.calls).toHaveLength(1);
    expect(seen.length).toBeLessThanOrEqual(200);
    const { attempts, account } = await proxy.row();
    expect(account).toBe('plan');
    expect(attempts).toMatchObject([
      { account: 'plan', status: 401, verdict: 'unauthorized' },
      { account: 'plan', status: 200, verdict: 'forwarded' },
    ]);
    expect(proxy.eventsOf('tokenRefreshed')).toHaveLength(1);
    await proxy.account(
      'plan',
      ({ state, tokenExpiresAt }) => state === 'ready' && tokenExpiresAt !== undefined,
    );
  });

  test('or has ended by the clock is renewed before anything is sent', async () => {
    const { oauth, grant, seen, proxy } = await start(-1000);
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(proxy, asClaudeCode)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(oauth.calls).toHaveLength(1);
    expect(seen).not.toContain(grant.accessToken);
  });

  test('and that has ended for good needs a login; the next account serves, and it costs no budget', async () => {
    const paid = await answering();
    const { oauth, grant, proxy } = await start(3_600_000, [{ name: 'paid', url: paid.url }]);
    oauth.revoke(grant.refreshToken);
    oauth.expire(grant.accessToken);
    for (let n = 0; n < 5; n += 1) expect((await ask(proxy, asClaudeCode)).status).toBe(200);
    expect((await proxy.row()).attempts).toMatchObject([
      { account: 'plan', status: 401, verdict: 'unauthorized' },
      { account: 'paid', status: 200 },
    ]);
    expect(oauth.calls).toHaveLength(1);
    await proxy.account(
      'plan',
      ({ state, reason }) => state === 'needs-login' && /account login plan/.test(reason ?? ''),
    );
    expect(proxy.eventsOf('tokenRefreshFailed')).toMatchObject([{ retryAt: null }]);
  });

  test('while the token endpoint is away: the next account serves, and the login comes back with its token', async () => {
    const paid = await answering();
    const { oauth, grant, proxy } = await start(3_600_000, [{ name: 'paid', url: paid.url }]);
    oauth.fail({ status: 503, body: '' });
    oauth.expire(grant.accessToken);
    expect((await ask(proxy, asClaudeCode)).status).toBe(200);
    expect((await proxy.row()).account).toBe('paid');
    await proxy.account('plan', ({ state }) => state === 'refreshing');
    await proxy.account('plan', ({ state }) => state === 'ready');
    await ask(proxy, asClaudeCode);
    expect((await proxy.row(1)).account).toBe('plan');
    expect(oauth.reuses).toBe(0);
  });

  test('by what cannot be sent again: that one fails, the login is renewed and serves on', async () => {
    const { oauth, grant, proxy } = await start();
    oauth.expire(grant.accessToken);
    const upload = { ...asClaudeCode, path: '/v1/files', body: 'x'.repeat(300_000) };
    expect((await ask(proxy, upload)).status).toBe(503);
    await proxy.account('plan', ({ state }) => state === 'ready');
    expect((await ask(proxy, upload)).status).toBe(200);
    expect(oauth.calls).toHaveLength(1);
  });

  test('and is being renewed when the proxy stops: the new one reaches its store first', async () => {
    const { oauth, grant, proxy } = await start();
    const gate = Promise.withResolvers<void>();
    oauth.afterRotation = () => gate.promise;
    oauth.expire(grant.accessToken);
    void ask(proxy, asClaudeCode).catch(() => undefined);
    await oauth.called(1);
    const stopping = proxy.proxy.drain(5000);
    gate.resolve();
    await stopping;
    expect(proxy.news).toMatchObject([{ kind: 'renewed' }]);
  });

  test('is not asked for ever newer ones when those are refused, too', async () => {
    const { oauth, grant, proxy } = await start();
    oauth.expire(grant.accessToken);
    oauth.grantsNothing = true;
    for (let n = 0; n < 3; n += 1) expect((await ask(proxy, asClaudeCode)).status).not.toBe(200);
    expect(oauth.calls).toHaveLength(1);
  });
});

test('a setup-token that the provider refuses says how to get another one, and the next account serves', async () => {
  const [refusing, paid] = [
    ending(await startRawUpstream(answerAll(answerBytes(401, {}, '{}')))),
    await answering(),
  ];
  const proxy = await startProxy([
    { name: 'plan', url: refusing.url, kind: 'setup-token', key: token, priority: 100 },
    { name: 'paid', url: paid.url },
  ]);
  expect((await ask(proxy, { headers: { 'user-agent': claudeCode } })).status).toBe(200);
  await proxy.account(
    'plan',
    ({ state, reason }) => state === 'needs-login' && reason?.includes('claude setup-token') === true,
  );
  expect((await proxy.row()).attempts).toMatchObject([
    { account: 'plan', status: 401, verdict: 'unauthorized' },
    { account: 'paid', status: 200, verdict: 'forwarded' },
  ]);
});
