import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { makeCertificate, type MadeCertificate } from '../../source/commands/make-certificate.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { certificate } from '../kit/tls-files.ts';
import { startTlsUpstream, trust } from '../kit/tls-upstream.ts';
import { createConnectionPool, type ConnectionPool } from '../../source/proxy/connection-pool.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { targetOf } from '../../source/proxy/target.ts';
import { isSendable } from '../../source/proxy/upstream-connection.ts';
import { answerAll, answerBytes, endAll, ending, hungUp } from './start-proxy.ts';

afterEach(endAll);

const raw = async (
  script?: (connection: RawConnection, index: number) => Promise<void>,
): Promise<RawUpstream> => ending(await startRawUpstream(script));

type Told = { status: number; body: string; end: 'end' | 'cut' } | 'lost';

const ask = (url: string, pool: ConnectionPool = createConnectionPool(), method = 'GET'): Promise<Told> =>
  new Promise((resolve) => {
    const request = { method, path: '/', headers: ['Host', 'x'], body: { chunks: [], length: 0 } };
    pool.take(targetOf(url), false).ask(request, {
      sent: () => undefined,
      answered(response) {
        const told = { status: response.status, body: '', end: 'end' as 'end' | 'cut' };
        response.read({
          data: (bytes) => (told.body += bytes.toString()),
          end: () => resolve(told),
          cut: () => resolve({ ...told, end: 'cut' }),
        });
      },
      lost: () => resolve('lost'),
    });
  });

const answering = async (bytes: string): Promise<RawUpstream> => raw(answerAll(bytes));
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes';
const yes = { status: 200, body: 'yes', end: 'end' };

describe('the head of an answer', () => {
  test('may come byte by byte', async () => {
    const upstream = await raw(async (connection) => {
      await connection.message();
      for (const byte of ok) await connection.send(byte);
    });
    expect(await ask(upstream.url)).toEqual(yes);
  });

  test('may follow announcements, also in pieces, but not without end', async () => {
    const early = 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
    expect(await ask((await answering(early + ok)).url)).toEqual(yes);
    const upstream = await raw(async (connection) => {
      await connection.message();
      for (const piece of [early.slice(0, 40), early.slice(40), ok.slice(0, 10), ok.slice(10)]) {
        await connection.send(piece);
      }
    });
    expect(await ask(upstream.url)).toEqual(yes);
    expect(await ask((await answering(early.repeat(20) + ok)).url)).toBe('lost');
  });

  test('may have 16 KiB, as node allows a client, and no byte more', async () => {
    const head = (length: number): string => {
      const rest = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: ';
      return `${rest}${'x'.repeat(length - rest.length)}\r\n\r\nyes`;
    };
    expect(await ask((await answering(head(16_384))).url)).toEqual(yes);
    expect(await ask((await answering(head(16_385))).url)).toBe('lost');
    const endless = await raw(async (connection) => {
      await connection.message();
      await connection.send(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`);
    });
    expect(await ask(endless.url)).toBe('lost');
    await hungUp(endless.connections[0]!);
  });

  test('that asks for a tunnel is none', async () => {
    const upstream = await answering('HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    expect(await ask(upstream.url)).toBe('lost');
    await hungUp(upstream.connections[0]!);
  });

  test('to HEAD announces a body that does not come, and the connection goes on', async () => {
    const upstream = await answering('HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n');
    const pool = createConnectionPool();
    for (let n = 0; n < 3; n += 1) {
      expect(await ask(upstream.url, pool, 'HEAD')).toEqual({ status: 200, body: '', end: 'end' });
    }
    expect(upstream.connections).toHaveLength(1);
  });
});

describe('what cannot be sent', () => {
  const headers = ['Host', 'x'];
  test.each([
    ['a line end in a value', { path: '/', headers: ['x-api-key', 'a\r\nX: b'] }],
    ['LF in a value', { path: '/', headers: ['x-api-key', 'a\nb'] }],
    ['NUL in a value', { path: '/', headers: ['x-api-key', 'a\0b'] }],
    ['a character that is no byte', { path: '/', headers: ['x-api-key', 'a\u0100'] }],
    ['a line end in a name', { path: '/', headers: ['x\r\n', 'a'] }],
    ['a space in the path', { path: '/a b', headers }],
    ['a line end in the path', { path: '/a\r\nX: b', headers }],
    ['a path that is no bytes', { path: '/\u010d\u010a', headers }],
  ])('%s', (_, request) => {
    expect(isSendable(request)).toBe(false);
  });

  test('nothing else', () => {
    const odd = ['X-Tab', 'a\tb', 'X-Latin', '\u00fc\u00ff', 'X-Empty', ''];
    expect(isSendable({ path: '/v1/%0d%0a?a=\u00fc', headers: odd })).toBe(true);
  });
});

describe('TLS', () => {
  const startTls = (made: MadeCertificate) =>
    startTlsUpstream(made, answerBytes(200, { connection: 'close' }, 'yes'));

  test('with a certificate that is trusted carries requests, and resumes the session', async () => {
    const made = await certificate();
    const { port, sockets, resumed } = await startTls(made);
    trust(made);
    const pool = createConnectionPool();
    for (let n = 0; n < 2; n += 1) expect(await ask(`https://localhost:${port}`, pool)).toEqual(yes);
    expect(resumed).toEqual([false, true]);
    expect(sockets[0]?.alpnProtocol).not.toBe('h2');
  });

  test('by address is checked against the address', async () => {
    const made = await certificate();
    const { port } = await startTls(made);
    trust(made);
    expect(await ask(`https://127.0.0.1:${port}`)).toEqual(yes);
  });

  const day = 86_400_000;
  test.each([
    ['that nobody signed', false, certificate()],
    ['that is over', true, certificate(40, 30)],
    [
      'for another name',
      true,
      makeCertificate({ hosts: ['other.example'], days: 30, now: asEpoch(Date.now() - day) }),
    ],
  ])('with a certificate %s gets not one byte, whatever the environment says', async (_, known, made) => {
    const { port, received } = await startTls(await made);
    if (known) trust(await made);
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    });
    expect(await ask(`https://localhost:${port}`)).toBe('lost');
    expect(received).toEqual([]);
  });
});
