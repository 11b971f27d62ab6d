import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finishedRequest, openExchange, type Exchange } from '../../source/proxy/exchange.ts';
import type { Usage } from '../../source/proxy/usage-tap.ts';
import { asDuration, type AccountId } from '../../source/shared/types.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const server = createServer();
const clock = createFakeClock();

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

/** A real request that reached the server, and the client that sent it. */
const opened = async (path = '/v1/messages', method = 'POST') => {
  const { port } = server.address() as AddressInfo;
  const client = httpRequest({ port, host: '127.0.0.1', path, method, agent: false });
  client.on('error', () => {});
  client.end();
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return { client, response, exchange: openExchange(request, response, clock, '127.0.0.1') };
};

const departed = ({ client }: Exchange): Promise<void> =>
  new Promise((resolve) => {
    client.onLeave(resolve);
  });

const ended = async (path?: string, method?: string): Promise<Exchange> => {
  const { client, response, exchange } = await opened(path, method);
  response.end();
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return exchange;
};

const usage: Usage = {
  tokens: { input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5 },
  model: 'claude-opus-5-5-20261001',
  stopReason: 'end_turn',
  error: null,
  message: 'none',
};

describe('the id of a request', () => {
  test('is its own, and sorts by time', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      ids.push((await ended()).id);
      clock.advance(n % 3);
    }
    expect(new Set(ids).size).toBe(20);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every((id) => /^[\w-]{8,40}$/.test(id))).toBe(true);
  });
});

describe('the end of the client', () => {
  test('before the answer was written is known as such', async () => {
    const { client, exchange } = await opened();
    expect(exchange.client.gone).toBe(false);
    client.destroy();
    await departed(exchange);
    expect(exchange.client.gone).toBe(true);
  });

  test('after the whole answer is no abort', async () => {
    const exchange = await ended();
    expect(exchange.client.gone).toBe(false);
  });
});

describe('the row', () => {
  test('of a request that was answered', async () => {
    const exchange = await ended('/v1/messages?beta=true');
    exchange.description = {
      agent: 'claude-code',
      session: 's',
      conversation: 's/',
      model: 'claude-opus-5-5',
      stream: true,
    };
    exchange.account = {
      id: 'id-work' as AccountId,
      name: 'work',
      kind: 'api-key',
      attempt: 1,
      at: clock.now(),
    };
    exchange.status = 200;
    exchange.firstByteMs = asDuration(400);
    exchange.upstreamRequestId = 'req_1';
    exchange.mayHaveRunTwice = true;
    clock.advance(1234.4);
    const row = finishedRequest(exchange, 'ok', usage, null);
    expect(row).toMatchObject({
      id: exchange.id,
      at: exchange.at,
      method: 'POST',
      path: '/v1/messages',
      clientAddress: '127.0.0.1',
      agent: 'claude-code',
      session: 's',
      model: 'claude-opus-5-5',
      upstreamModel: 'claude-opus-5-5-20261001',
      account: 'work',
      accountId: 'id-work',
      costKind: 'cost',
      status: 200,
      outcome: 'ok',
      stream: true,
      waitMs: 0,
      firstByteMs: 400,
      totalMs: 1234,
      tokens: usage.tokens,
      stopReason: 'end_turn',
      upstreamRequestId: 'req_1',
      mayHaveRunTwice: true,
      error: null,
    });
    expect(structuredClone(row)).toEqual(row);
  });

  test('of one that was refused before it was read: unknown is null, never zero', async () => {
    const row = finishedRequest(await ended(), 'rejected', null, 'no_account');
    expect(row).toMatchObject({
      session: null,
      model: null,
      upstreamModel: null,
      account: null,
      accountId: null,
      costKind: null,
      status: null,
      firstByteMs: null,
      attempts: [],
      decision: null,
      stopReason: null,
      error: 'no_account',
      outcome: 'rejected',
    });
    expect(Object.values(row.tokens)).toEqual([null, null, null, null, null]);
  });

  test('says what the provider said, unless we know better', async () => {
    const exchange = await ended();
    const failed = { ...usage, error: 'overloaded_error' };
    expect(finishedRequest(exchange, 'error', failed, null).error).toBe('overloaded_error');
    expect(finishedRequest(exchange, 'truncated', failed, 'the answer was cut').error).toBe(
      'the answer was cut',
    );
  });

  test('of a client that has gone still says where it was', async () => {
    const { client, exchange } = await opened();
    client.destroy();
    await departed(exchange);
    expect(finishedRequest(exchange, 'aborted', null, null).clientAddress).toBe('127.0.0.1');
  });

  test('has a path without the query, bounded, and nothing in it that looks like a token', async () => {
    const pathOf = async (path: string) => finishedRequest(await ended(path, 'GET'), 'ok', null, null).path;
    expect(await pathOf('/v1/models?key=sk-ant-api03-abcdefgh12345678')).toBe('/v1/models');
    expect((await pathOf(`/v1/${'x'.repeat(5000)}`)).length).toBe(300);
    for (const token of ['sk-ant-api03-abcdefgh12345678', 'sk-ant-oat01-abcdefgh12345678']) {
      expect(await pathOf(`/v1/files/${token}/content`)).toBe('/v1/files/[secret]/content');
    }
    expect(await pathOf('/v1/files/file_011CfXtRmnopqrst12345678')).toBe(
      '/v1/files/file_011CfXtRmnopqrst12345678',
    );
    expect(await pathOf('/v1/models/claude-opus-5-5')).toBe('/v1/models/claude-opus-5-5');
  });
});
