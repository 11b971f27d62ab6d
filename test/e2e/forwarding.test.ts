import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { ask, keyOf, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();

/** The rows that are on disk, once there are so many. */
const rows = (count: number) =>
  until(
    () => world.json(['history']),
    (found) => found.length >= count,
  );

describe('every byte', () => {
  it('of request and answer is what client and provider sent, streamed or not', async () => {
    // Two providers with the same seed say the same: one is asked directly.
    const direct = await world.provider({ work: unlimited });
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url } = await world.serve();
    for (const stream of [true, false]) {
      const filling = 'ü "\\u0041" \u2028 '.repeat(40_000);
      const body = `{ "model" :"claude-haiku-5-5",\n"max_tokens":64, "stream": ${stream},  "messages":[{"role":"user","content":${JSON.stringify(filling)}}] }\n`;
      const post = (base: string): Promise<Response> =>
        fetch(`${base}/v1/messages?beta=true`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'anthropic-version': '2023-06-01',
            'x-api-key': keyOf('work'),
          },
          body,
        });
      const [wanted, got] = await Promise.all([post(direct.url), post(url)]);
      expect(got.status).toBe(200);
      expect(Buffer.from(await got.arrayBuffer())).toEqual(Buffer.from(await wanted.arrayBuffer()));
      expect(got.headers.get('content-type')).toBe(wanted.headers.get('content-type'));
      const arrival = upstream.requests.at(-1);
      expect(arrival).toMatchObject({
        path: '/v1/messages?beta=true',
        bodySha256: createHash('sha256').update(body).digest('hex'),
      });
    }
  });
});

describe('failover before the first byte', () => {
  it.each([
    ['unauthorized', 401, false],
    ['server-error', 500, false],
    ['unavailable', 503, false],
    ['overloaded', 529, false],
    ['reset-before-head', null, true],
    ['garbage', null, true],
  ] as const)('%s of one account is not the client’s trouble', async (fault, status, mayHaveRunTwice) => {
    const upstream = await world.provider({ first: unlimited, second: unlimited });
    await world.add('first', upstream, '--priority', '1');
    await world.add('second', upstream, '--priority', '2');
    const { url } = await world.serve();
    upstream.fail({ fault, account: 'first' });
    const message = await sdkFor(url).messages.stream(ask('hello')).finalMessage();
    expect(message.stop_reason).toMatch(/./);
    expect(await rows(1)).toMatchObject([
      {
        account: 'second',
        status: 200,
        outcome: 'ok',
        mayHaveRunTwice,
        attempts: [
          { account: 'first', status },
          { account: 'second', status: 200 },
        ],
      },
    ]);
  });

  it('never happens after the first byte: a cut stream is an error to the client, not a repeat', async () => {
    const upstream = await world.provider({ first: unlimited, second: unlimited });
    await world.add('first', upstream, '--priority', '1');
    await world.add('second', upstream, '--priority', '2');
    const { url } = await world.serve();
    for (const fault of ['reset-mid-body', 'end-mid-chunk', 'no-message-stop'] as const) {
      upstream.fail({ fault, times: 1 });
      const ended = sdkFor(url).messages.stream(ask(fault)).finalMessage();
      await expect(ended).rejects.toThrow(/./);
    }
    const found = await rows(3);
    expect(found.map((row) => row['outcome'])).toEqual(['truncated', 'truncated', 'truncated']);
    expect(found.map((row) => (row['attempts'] as unknown[]).length)).toEqual([1, 1, 1]);
    expect(upstream.requests).toHaveLength(3);
  });
});

describe('a company proxy', () => {
  it('is asked for the way to a provider, and its password goes nowhere else', async () => {
    const heads: string[] = [];
    const company = await startRawUpstream(async (connection) => {
      heads.push((await connection.until('\r\n\r\n')).toString());
      await connection.send('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    onTestFinished(() => company.close());
    await world.add('work', { url: 'https://api.provider.example' });
    const HTTPS_PROXY = `http://me:MARKED@127.0.0.1:${company.port}`;
    const { url, program } = await world.serve([], { HTTPS_PROXY });
    const sdk = sdkFor(url, { maxRetries: 0 });
    await expect(sdk.messages.create(ask('hello'))).rejects.toMatchObject({ status: 502 });
    const credentials = Buffer.from('me:MARKED').toString('base64');
    const place = 'api.provider.example:443';
    expect(heads).toEqual([
      `CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\nProxy-Authorization: Basic ${credentials}\r\n\r\n`,
    ]);
    const kept = JSON.stringify(await rows(1));
    const { stdout, stderr } = await program.stop().then(() => program.exit);
    expect(stderr).not.toContain('HTTPS_PROXY');
    expect(`${stdout}${stderr}${kept}`).not.toMatch(/MARKED|TUFSS0VE/);
  });
});
