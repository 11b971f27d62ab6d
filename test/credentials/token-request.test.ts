import { describe, expect, onTestFinished, test } from 'vitest';
import { createPostToken } from '../../source/credentials/token-request.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { certificate } from '../kit/tls-files.ts';
import { startTlsUpstream } from '../kit/tls-upstream.ts';

const marker = 'sk-ant-ort01-marker';
const fields = { refresh_token: marker };
const post = createPostToken({ timeoutMs: 15_000 });

const upstream = async (...script: Parameters<typeof startRawUpstream>): Promise<RawUpstream> => {
  const started = await startRawUpstream(...script);
  onTestFinished(() => started.close());
  return started;
};

const answering = (bytes: string): Promise<RawUpstream> =>
  upstream(async (connection) => {
    await connection.message();
    await connection.send(bytes);
  });

const answer = (status: number, body: string, more = ''): string =>
  `HTTP/1.1 ${status} Word\r\n${more}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;

test('asks once, with JSON over HTTP/1.1, under its own name, and gives back what was answered', async () => {
  const server = await answering(answer(400, '{"error":"invalid_grant"}', 'retry-after: 7\r\n'));
  expect(await post(`${server.url}/token`, fields)).toEqual({
    kind: 'answer',
    status: 400,
    body: '{"error":"invalid_grant"}',
    retryAfter: '7',
  });
  const sent = server.connections[0]?.received().toString() ?? '';
  expect(sent).toMatch(/^POST \/token HTTP\/1\.1\r\n/);
  expect(sent).toMatch(/^content-type: application\/json\r$/im);
  expect(sent).toMatch(/^user-agent: ccr-tui\r$/im);
  expect(sent.endsWith(JSON.stringify(fields))).toBe(true);
});

test.each([429, 500, 503])('an answer of %i is asked for once', async (status) => {
  const server = await answering(answer(status, ''));
  expect(await post(server.url, fields)).toMatchObject({ kind: 'answer', status });
  expect(server.connections).toHaveLength(1);
});

test('a redirect is not followed: the token is for that one address', async () => {
  const other = await upstream();
  const server = await answering(answer(307, '', `location: ${other.url}/\r\n`));
  expect(await post(server.url, fields)).toMatchObject({ kind: 'answer', status: 307 });
  expect(other.connections).toHaveLength(0);
});

describe('an answer is lost, and may have been carried out,', () => {
  test.each([
    ['when the connection is reset', (connection) => connection.reset()],
    ['when it ends', (connection) => connection.end()],
    [
      'when it ends within the answer',
      async (connection) => {
        await connection.send('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
        connection.end();
      },
    ],
    ['when it is no HTTP', (connection) => connection.send('hello\r\n\r\n')],
    [
      'when it is endless',
      async (connection) => {
        await connection.send('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
        await connection.send('x'.repeat(200_000));
      },
    ],
  ] as [string, (connection: RawUpstream['connections'][number]) => Promise<unknown> | void][])(
    '%s',
    async (_, fault) => {
      const server = await upstream(async (connection) => {
        await connection.message();
        await fault(connection);
      });
      const reply = await post(server.url, fields);
      expect(reply).toMatchObject({ kind: 'lost', reason: expect.stringContaining('no answer') });
      expect(JSON.stringify(reply)).not.toContain(marker);
      expect(server.connections).toHaveLength(1);
    },
  );

  test('when it takes too long', async () => {
    const server = await upstream();
    // Long enough to be asked at all: what runs out on the way there was never sent.
    const reply = await createPostToken({ timeoutMs: 2000 })(server.url, fields);
    expect(reply).toEqual({
      kind: 'lost',
      reason: 'the token endpoint gave no answer: it took too long',
    });
  });
});

describe('it was never asked', () => {
  test('where nothing listens', async () => {
    const server = await startRawUpstream();
    await server.close();
    expect(await post(server.url, fields)).toEqual({
      kind: 'unsent',
      reason: 'the token endpoint cannot be reached (ECONNREFUSED)',
    });
  });

  test('where its certificate is not to be trusted: nothing was shown to it', async () => {
    const server = await startTlsUpstream(await certificate(), Buffer.from(answer(200, '{}')));
    const reply = await post(`https://127.0.0.1:${server.port}`, fields);
    expect(reply).toMatchObject({ kind: 'unsent', reason: expect.stringContaining('CERT') });
    expect(server.received).toEqual([]);
  });
});
