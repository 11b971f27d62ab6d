import http, { request } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openLoginCallback, type LoginCallback } from '../../source/credentials/login-callback.ts';
import {
  beginSignIn,
  createSignInJudge,
  signInLimitMs,
  type SignIn,
} from '../../source/credentials/oauth-login.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const clock = createFakeClock();
const open: LoginCallback[] = [];
afterEach(async () => {
  for (const callback of open.splice(0)) await callback.close();
});

type Answer = { status: number; text: string; headers: Record<string, unknown> };
type Asked = { query?: string; path?: string; host?: string; method?: string };

const start = async () => {
  const callback = await openLoginCallback();
  open.push(callback);
  const signIn: SignIn = beginSignIn({
    authorizeUrl: 'https://claude.example/authorize',
    clientId: 'client-1',
    scopes: [],
    redirectUris: { callback: callback.redirectUri, paste: 'https://claude.example/code' },
    now: clock.now(),
  });
  const codes: string[] = [];
  const judge = createSignInJudge(signIn);
  callback.listen((reply) => {
    const verdict = judge(reply, clock.now());
    if (verdict.kind === 'accepted') codes.push(verdict.answer.code.reveal());
    return verdict;
  });
  const port = Number(new URL(callback.redirectUri).port);
  const right = `code=code-1&state=${signIn.ways.callback.state}`;
  const ask = ({
    query = right,
    path = '/callback',
    host = `localhost:${port}`,
    method = 'GET',
  }: Asked = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: `${path}?${query}`, method, headers: { host } };
      request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      })
        .on('error', reject)
        .end();
    });
  return { callback, codes, port, ask, right };
};

describe('the browser that comes back', () => {
  it('brings its code, and gets a page that repeats nothing, is kept nowhere and tells nobody', async () => {
    const { codes, ask, right } = await start();
    const { status, text, headers } = await ask();
    expect(codes).toEqual(['code-1']);
    expect(status).toBe(200);
    expect(text).toMatch(/go back to it/);
    for (const part of right.split(/[=&]/).filter((word) => word.length > 5))
      expect(text).not.toContain(part);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      connection: 'close',
    });
  });

  it('may call it 127.0.0.1, too', async () => {
    const { codes, ask, port } = await start();
    await ask({ host: `127.0.0.1:${port}` });
    expect(codes).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it('is a wrong state', async () => {
    const { codes, ask } = await start();
    expect((await ask({ query: 'code=code-1&state=guessed' })).status).toBe(400);
    expect((await ask({ query: 'code=code-1' })).status).toBe(400);
    expect(codes).toEqual([]);
  });

  it('is a replay, and a second code', async () => {
    const { codes, ask, right } = await start();
    await ask();
    expect((await ask()).status).toBe(410);
    expect((await ask({ query: right.replace('code-1', 'code-2') })).status).toBe(410);
    expect(codes).toEqual(['code-1']);
  });

  it.each(['evil.example', 'localhost', 'localhost:1', 'evil.example:80'])('is the Host %j', async (host) => {
    const { codes, ask } = await start();
    expect((await ask({ host })).status).toBe(421);
    expect(codes).toEqual([]);
  });

  it('is a code that comes ten minutes later', async () => {
    const { codes, ask } = await start();
    clock.advance(signInLimitMs + 1);
    const { status, text } = await ask();
    expect(status).toBe(410);
    expect(text).toMatch(/too long/);
    expect(codes).toEqual([]);
  });

  it.each([
    ['another address', { path: '/' }, 404],
    ['an address below it', { path: '/callback/x' }, 404],
    ['another method', { method: 'POST' }, 404],
    ['a refusal of the provider', { query: 'error=access_denied&state=guessed' }, 400],
  ])('is %s', async (_, asked, status) => {
    const { codes, ask } = await start();
    expect((await ask(asked)).status).toBe(status);
    expect(codes).toEqual([]);
  });
});

describe('the listener', () => {
  it('listens on this machine alone, at an address that browsers call localhost', async () => {
    const { callback, port } = await start();
    expect(callback.redirectUri).toBe(`http://localhost:${port}/callback`);
    await expect(reach('::1', port)).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH|EAFNOSUPPORT/);
  });

  it('takes nothing before a sign-in has begun', async () => {
    const callback = await openLoginCallback();
    open.push(callback);
    expect((await fetch(callback.redirectUri)).status).toBe(503);
  });

  it('is gone when it is closed, also for those who hold a connection, and closing it again is nothing', async () => {
    const { callback, port } = await start();
    const idle = await reach('127.0.0.1', port);
    const cut = new Promise((resolve) => idle.once('close', resolve));
    idle.write('GET /callback HTTP/1.1\r\n');
    await Promise.all([callback.close(), callback.close()]);
    await cut;
    await expect(reach('127.0.0.1', port)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('goes on when the system has no room for a connection, however often', async () => {
    const { createServer } = http;
    const made: http.Server[] = [];
    http.createServer = ((...given: Parameters<typeof createServer>) => {
      const server = createServer(...given);
      made.push(server);
      return server;
    }) as typeof createServer;
    syncBuiltinESMExports();
    const { ask, right } = await start().finally(() => {
      http.createServer = createServer;
      syncBuiltinESMExports();
    });
    for (const server of [...made, ...made]) server.emit('error', new Error('accept EMFILE'));
    expect(await ask({ query: right })).toMatchObject({ status: 200 });
  });

  it('that is closed by the very code still sends its page', async () => {
    const { callback, ask } = await start();
    callback.listen(() => {
      void callback.close();
      return { kind: 'denied', error: 'access_denied' };
    });
    expect(await ask()).toMatchObject({ status: 200, text: expect.stringContaining('Not signed in') });
    await callback.close();
    await expect(ask()).rejects.toThrow(/ECONNREFUSED/);
  });
});

const reach = (host: string, port: number) =>
  new Promise<ReturnType<typeof connect>>((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
