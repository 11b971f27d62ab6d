import { createConnection } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeCertificate, type MadeCertificate } from '../../source/commands/make-certificate.ts';
import { createPostToken } from '../../source/credentials/token-request.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { startTlsUpstream, trust } from '../kit/tls-upstream.ts';

const provider = 'platform.provider.example';
let made: MadeCertificate;
beforeAll(async () => {
  const now = asEpoch(Date.now() - 3_600_000);
  made = await makeCertificate({ hosts: [provider, 'localhost', '127.0.0.1'], days: 30, now });
});

const startProvider = () =>
  startTlsUpstream(made, Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}'));

/** A company's proxy that leads whatever is asked for to that port. */
const startCompanyProxy = async (port: number) => {
  const heads: string[] = [];
  const proxy = await startRawUpstream(async (near) => {
    heads.push((await near.until('\r\n\r\n')).toString());
    await near.send('HTTP/1.1 200 Connection established\r\n\r\n');
    const far = createConnection({ port, host: '127.0.0.1' });
    near.socket.removeAllListeners('data');
    near.socket.pipe(far).pipe(near.socket);
    for (const socket of [near.socket, far]) socket.on('error', () => socket.destroy());
  });
  onTestFinished(() => proxy.close());
  return { heads, url: proxy.url };
};

const fields = { refresh_token: 'sk-ant-ort01-marker' };

describe('a question to the services of a login', () => {
  test('goes by the proxy of the company, which sees a tunnel and no token', async () => {
    trust(made);
    const there = await startProvider();
    const { heads, url } = await startCompanyProxy(there.port);
    const post = createPostToken({ env: { HTTPS_PROXY: url } });
    expect(await post(`https://${provider}/token`, fields)).toMatchObject({ kind: 'answer', status: 200 });
    expect(heads).toEqual([expect.stringMatching(new RegExp(`^CONNECT ${provider}:443 HTTP/1.1\r\n`))]);
    expect(heads.join()).not.toContain('marker');
    expect(there.received.join('')).toContain('marker');
  });

  test.each([
    ['spared by NO_PROXY', { NO_PROXY: 'localhost' }],
    ['on this machine, whatever the variables say', {}],
  ])('goes straight to a host %s', async (_, spared) => {
    trust(made);
    const there = await startProvider();
    const { heads, url } = await startCompanyProxy(there.port);
    const post = createPostToken({ env: { HTTPS_PROXY: url, ...spared } });
    const reply = await post(`https://localhost:${there.port}/token`, fields);
    expect([reply.kind, heads]).toEqual(['answer', []]);
  });

  test('is not sent past a proxy that refuses, or is not there, and says which', async () => {
    const proxy = await startRawUpstream(async (near) => {
      await near.until('\r\n\r\n');
      await near.send('HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n');
    });
    const ask = createPostToken({ env: { HTTPS_PROXY: proxy.url } });
    const name = new URL(proxy.url).host;
    expect(await ask(`https://${provider}/token`, fields)).toEqual({
      kind: 'unsent',
      reason: `the proxy ${name} answers 407`,
    });
    await proxy.close();
    expect(await ask(`https://${provider}/token`, fields)).toEqual({
      kind: 'unsent',
      reason: `the proxy ${name} cannot be reached (ECONNREFUSED)`,
    });
  });

  test.each([
    [
      'a proxy that says nothing',
      [],
      { kind: 'unsent', reason: expect.stringMatching(/^the proxy .* does not/) },
    ],
    ['a way that leads nowhere', ['HTTP/1.1 200 OK\r\n\r\n'], { kind: 'lost' }],
  ])('waits no longer than for a provider for %s, and leaves it then', async (_, answers, reply) => {
    const proxy = await startRawUpstream(async (near) => {
      await near.until('\r\n\r\n');
      for (const answer of answers) await near.send(answer);
    });
    onTestFinished(() => proxy.close());
    const ask = createPostToken({ timeoutMs: 2000, env: { HTTPS_PROXY: proxy.url } });
    expect(await ask(`https://${provider}/token`, fields)).toMatchObject(reply);
    const { socket } = await proxy.connection(0);
    await vi.waitFor(() => expect(socket.readableEnded || socket.destroyed).toBe(true), 15_000);
  });

  test('shows the proxy its password, and the provider must show a certificate that fits', async () => {
    trust(made);
    const there = await startProvider();
    const { heads, url } = await startCompanyProxy(there.port);
    const withUser = url.replace('://', '://me:s3cret@');
    const post = createPostToken({ env: { HTTPS_PROXY: withUser } });
    expect(await post(`https://${provider}/token`, fields)).toMatchObject({ kind: 'answer' });
    expect(heads.join()).toMatch(/^proxy-authorization: Basic bWU6czNjcmV0\r$/im);
    const other = await post('https://other.example/token', fields);
    expect(other.kind).toBe('unsent');
    expect(there.received.join('').match(/marker/g)).toHaveLength(1);
  });

  test('is not sent past a proxy that cannot be used, and says so', async () => {
    const post = createPostToken({ env: { https_proxy: 'socks5://127.0.0.1:1' } });
    expect(await post(`https://${provider}/token`, fields)).toEqual({
      kind: 'unsent',
      reason: 'https_proxy names no proxy that can be used',
    });
  });

  test('has a connection of its own, which is not kept', async () => {
    trust(made);
    const there = await startTlsUpstream(made, Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    const post = createPostToken({ env: {} });
    const url = `https://localhost:${there.port}/token`;
    expect([(await post(url, fields)).kind, (await post(url, fields)).kind]).toEqual(['answer', 'answer']);
    expect(there.sockets).toHaveLength(2);
  });
});
