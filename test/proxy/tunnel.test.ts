import { once } from 'node:events';
import { createConnection, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeCertificate, type MadeCertificate } from '../../source/commands/make-certificate.ts';
import { outboundProxies } from '../../source/config/outbound-proxy.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { quietPort } from '../kit/quiet-port.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startTlsUpstream, trust } from '../kit/tls-upstream.ts';
import {
  answerBytes,
  ask,
  askBytes,
  endAll,
  ending,
  hungUp,
  startProxy,
  type TestConfig,
} from './start-proxy.ts';

afterEach(endAll);

const provider = 'api.provider.example';
const opened = 'HTTP/1.1 200 Connection established\r\n\r\n';
let made: MadeCertificate;

beforeAll(async () => {
  const now = asEpoch(Date.now() - 3_600_000);
  made = await makeCertificate({ hosts: [provider, 'localhost', '10.9.8.7', 'fd00::7'], days: 30, now });
});

/** A provider behind TLS that gives each request the same answer. */
const startProvider = (certificate = made) =>
  startTlsUpstream(certificate, answerBytes(200, { 'content-type': 'application/json' }, '{"model":"m"}'));

/** Joins two connections until one of them ends. */
const join = (near: Socket, port: number): void => {
  const far = createConnection({ port, host: '127.0.0.1' });
  near.removeAllListeners('data');
  near.pipe(far).pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
};

type Asked = { heads: string[]; proxy: RawUpstream };

/** A company's proxy: leads whatever is asked for to that port, or answers something else. */
const startCompanyProxy = async (
  answer: string | number | ((near: RawConnection) => unknown),
): Promise<Asked> => {
  const heads: string[] = [];
  const proxy = ending(
    await startRawUpstream(async (near) => {
      heads.push((await near.until('\r\n\r\n')).toString());
      if (typeof answer === 'function') return void (await answer(near));
      await near.send(typeof answer === 'string' ? answer : opened);
      if (typeof answer === 'number') join(near.socket, answer);
    }),
  );
  return { heads, proxy };
};

type Way = { url?: string; proxy: string; spared?: string; config?: TestConfig };

/** Our proxy with one account there, and its way to it. */
const startBehind = ({ url = `https://${provider}`, proxy, spared = '', config = {} }: Way) =>
  startProxy([{ name: 'work', url }], {
    config,
    outbound: outboundProxies({ HTTPS_PROXY: proxy, NO_PROXY: spared }),
  });

describe('a company proxy', () => {
  test('leads to the provider, whose name and certificate are those of the base URL', async () => {
    trust(made);
    const there = await startProvider();
    const { heads, proxy } = await startCompanyProxy(there.port);
    const behind = await startBehind({ proxy: proxy.url });
    for (let n = 0; n < 3; n += 1) expect((await ask(behind)).status).toBe(200);
    expect(heads).toEqual([`CONNECT ${provider}:443 HTTP/1.1\r\nHost: ${provider}:443\r\n\r\n`]);
    expect(there.received.join('')).toContain(`Host: ${provider}\r\n`);
    expect(there.received.join('')).toContain('x-api-key: key-work');
    expect(proxy.connections[0]?.received().toString('latin1')).not.toContain('key-work');
    expect(behind.eventsOf('logged')).toEqual([]);
  });

  test.each([
    ['https://10.9.8.7:8443', '10.9.8.7:8443'],
    ['https://[fd00::7]', '[fd00::7]:443'],
  ])('is asked for %s as %s', async (url, place) => {
    trust(made);
    const { heads, proxy } = await startCompanyProxy((await startProvider()).port);
    const behind = await startBehind({ url, proxy: proxy.url });
    expect((await ask(behind)).status).toBe(200);
    expect(heads[0]).toMatch(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n`);
  });

  test('is shown the user of its address, and the provider is not', async () => {
    trust(made);
    const there = await startProvider();
    const { heads, proxy } = await startCompanyProxy(there.port);
    const behind = await startBehind({ proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}` });
    expect((await ask(behind)).status).toBe(200);
    const basic = Buffer.from('me:p@ss').toString('base64');
    expect(heads[0]).toContain(`\r\nProxy-Authorization: Basic ${basic}\r\n`);
    expect(there.received.join('')).not.toMatch(/proxy-authorization|Basic/i);
  });

  test('may speak TLS itself', async () => {
    trust(made);
    const there = await startProvider();
    const { heads, proxy } = await startCompanyProxy(there.port);
    const front = createServer({ cert: made.cert, key: made.key }, (socket) => join(socket, proxy.port));
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    onTestFinished(() => void front.close());
    const behind = await startBehind({ proxy: `https://localhost:${(front.address() as AddressInfo).port}` });
    expect((await ask(behind)).status).toBe(200);
    expect(heads[0]).toContain(`CONNECT ${provider}:443 `);
  });

  test('may announce its answer, and give it in pieces and without a body that it announced', async () => {
    trust(made);
    const { port } = await startProvider();
    const { proxy } = await startCompanyProxy(async (near) => {
      for (const piece of [
        'HTTP/1.1 100 Continue\r\n',
        '\r\nHTTP/1.0 200 OK\r\nContent-Len',
        'gth: 7\r\n\r',
        '\n',
      ]) {
        await near.send(piece);
      }
      join(near.socket, port);
    });
    expect((await ask(await startBehind({ proxy: proxy.url }))).status).toBe(200);
  });

  test('is not asked for this machine, nor for what NO_PROXY names', async () => {
    trust(made);
    const there = await startProvider();
    const { heads, proxy } = await startCompanyProxy('HTTP/1.1 500 X\r\n\r\n');
    const near = await startBehind({ url: `https://localhost:${there.port}`, proxy: proxy.url });
    expect((await ask(near)).status).toBe(200);
    const spared = await startBehind({ url: 'https://spared.invalid', proxy: proxy.url, spared: '.invalid' });
    expect((await ask(spared)).status).toBe(502);
    expect(heads).toEqual([]);
  });

  test('that ends takes its connections with it, and a new one answers', async () => {
    trust(made);
    const there = await startProvider();
    const { heads, proxy } = await startCompanyProxy(there.port);
    const behind = await startBehind({ proxy: proxy.url });
    expect((await ask(behind)).status).toBe(200);
    proxy.connections[0]?.reset();
    expect((await ask(behind)).status).toBe(200);
    expect(heads).toHaveLength(2);
  });

  test('loses its connection when the client leaves', async () => {
    trust(made);
    const { proxy } = await startCompanyProxy(() => undefined);
    const behind = await startBehind({ proxy: proxy.url });
    const client = await connectRaw(behind.port);
    await client.send(askBytes(behind));
    const connection = await proxy.connection(0);
    await connection.until('\r\n\r\n');
    client.reset();
    await hungUp(connection);
    expect(await behind.row()).toMatchObject({ outcome: 'aborted' });
  });
});

describe('no way through it is no way to the provider, and the log says why', () => {
  const big = `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(17_000)}`;
  const ways: readonly (readonly [
    what: string,
    answer: string | ((near: RawConnection) => unknown),
    why: RegExp,
  ])[] = [
    ['it refuses', 'HTTP/1.1 403 \u009b31mno\r\nContent-Length: 3\r\n\r\nyes', /it answers 403$/],
    [
      'it wants a password',
      'HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\n\r\n',
      /user name and password.*407/,
    ],
    ['it redirects', 'HTTP/1.1 302 X\r\nLocation: http://other.example/\r\n\r\n', /it answers 302$/],
    ['it speaks no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', /no HTTP$/],
    ['its head has no end', big, /no HTTP$/],
    ['it says more than that', `${opened}\u0016\u0003\u0001`, /more than it was asked for$/],
    ['it ends', (near) => near.end(), /ended the connection$/],
    ['it resets', (near) => near.reset(), /cannot be reached \(ECONNRESET\)$/],
    ['it says nothing', () => undefined, /opens no way in time$/],
    ['behind it nobody speaks TLS', opened, /opens no way in time$/],
  ];
  test.each(ways)('%s', async (_, answer, why) => {
    const { proxy } = await startCompanyProxy(answer);
    const config = { timeouts: { connectMs: 250 } };
    const behind = await startBehind({ proxy: `http://me:MARKED@127.0.0.1:${proxy.port}`, config });
    expect([502, 504]).toContain((await ask(behind)).status);
    const { level, text } = await behind.awaitEvent('logged');
    expect([level, text]).toEqual(['warning', expect.stringMatching(why)]);
    expect(text).toContain(`the proxy 127.0.0.1:${proxy.port} `);
    expect(text).not.toMatch(/MARKED|\u009b/);
    expect(await behind.row()).toMatchObject({
      attempts: [{ verdict: 'unreachable' }],
      mayHaveRunTwice: false,
    });
    for (const connection of proxy.connections) await hungUp(connection);
  });

  test('nobody listens there', async () => {
    const behind = await startBehind({ proxy: `http://127.0.0.1:${await quietPort()}` });
    expect((await ask(behind)).status).toBe(502);
    expect((await behind.awaitEvent('logged')).text).toMatch(/cannot be reached \(ECONNREFUSED\)$/);
  });

  test('it leads to somebody else: not one byte of the request', async () => {
    const there = await startProvider();
    const { proxy } = await startCompanyProxy(there.port);
    const behind = await startBehind({ proxy: proxy.url });
    expect((await ask(behind)).status).toBe(502);
    expect((await behind.awaitEvent('logged')).text).toMatch(/no provider that can be trusted \([A-Z_]+\)$/);
    expect(there.received).toEqual([]);
  });

  test('the variable names none: nothing goes past it', async () => {
    const behind = await startBehind({ proxy: 'socks5://127.0.0.1:1' });
    expect((await ask(behind)).status).toBe(502);
    expect((await behind.awaitEvent('logged')).text).toMatch(/names is no proxy that can be used$/);
  });

  test('again and again: one line for many requests', async () => {
    const { proxy } = await startCompanyProxy('HTTP/1.1 403 X\r\n\r\n');
    const behind = await startBehind({ proxy: proxy.url });
    for (let n = 0; n < 20; n += 1) await ask(behind);
    await behind.row(19);
    expect(behind.eventsOf('logged')).toHaveLength(1);
  });
});
