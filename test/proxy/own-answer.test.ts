import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorBody, sendError, sendJson, type OwnError } from '../../source/proxy/own-answer.ts';
import { httpErrors, type HttpErrorCode } from '../../source/shared/errors.ts';

let respond: (response: ServerResponse) => void = () => {};
const server = createServer((_request, response) => respond(response));

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

type Answer = { status: number | undefined; headers: Record<string, unknown>; body: string };

const answered = async (by: typeof respond, method = 'POST'): Promise<Answer> => {
  respond = by;
  const { port } = server.address() as AddressInfo;
  const request = httpRequest({ port, host: '127.0.0.1', method, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
};

const error = (changes: Partial<OwnError> = {}): OwnError => ({
  code: 'no_account',
  message: 'No account "can" serve\nthis.',
  envelope: 'anthropic',
  requestId: 'r-1',
  ...changes,
});

const codes = Object.keys(httpErrors) as HttpErrorCode[];

describe('an error of ours', () => {
  test('has the status that the contract names', () => {
    expect(Object.fromEntries(codes.map((code) => [code, httpErrors[code].status]))).toMatchObject({
      host_refused: 421,
      origin_refused: 403,
      not_found: 404,
      method_not_allowed: 405,
      body_too_large: 413,
      all_limited: 429,
      all_overloaded: 529,
      no_account: 503,
      shutting_down: 503,
      upstream_unreachable: 502,
      upstream_timeout: 504,
      bad_request: 400,
    });
  });

  test.each(codes)('%s: status, code, request id and a body that says the same', async (code) => {
    const answer = await answered((response) => sendError(response, error({ code })));
    expect(answer.status).toBe(httpErrors[code].status);
    expect(answer.headers).toMatchObject({
      'x-ccr-error': code,
      'x-ccr-request-id': 'r-1',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(answer.body)),
    });
    expect(JSON.parse(answer.body)).toEqual({
      type: 'error',
      error: { type: httpErrors[code].type, message: 'No account "can" serve\nthis.' },
      request_id: 'r-1',
    });
  });

  test('every account limited has the type that clients know', () => {
    expect(errorBody(error({ code: 'all_limited' }))).toContain('"rate_limit_error"');
    expect(errorBody(error({ code: 'all_overloaded' }))).toContain('"overloaded_error"');
  });

  test('in the form of the OpenAI API for its callers', () => {
    expect(JSON.parse(errorBody(error({ envelope: 'openai', code: 'not_found' })))).toEqual({
      error: {
        message: 'No account "can" serve\nthis.',
        type: 'not_found_error',
        param: null,
        code: 'not_found',
      },
    });
  });

  test('a retry that cannot help is forbidden, one that can is not', async () => {
    const shouldRetry = async (code: HttpErrorCode) =>
      (await answered((response) => sendError(response, error({ code })))).headers['x-should-retry'];
    for (const code of [
      'no_account',
      'host_refused',
      'origin_refused',
      'address_refused',
      'loop_detected',
      'key_missing',
      'key_wrong',
      'key_forbidden',
      'budget_spent',
    ] as const) {
      expect([code, await shouldRetry(code)]).toEqual([code, 'false']);
    }
    for (const code of ['all_overloaded', 'upstream_unreachable', 'shutting_down'] as const) {
      expect(await shouldRetry(code)).toBeUndefined();
    }
  });

  test('carries what it is given besides; without a row, no id of one', async () => {
    const headers = { 'retry-after': '31', 'x-should-retry': 'false' };
    const answer = await answered((response) => sendError(response, error({ requestId: null, headers })));
    expect(answer.headers).toMatchObject(headers);
    expect(answer.headers).not.toHaveProperty('x-ccr-request-id');
    expect(JSON.parse(answer.body)).toMatchObject({ request_id: null });
  });

  test('to HEAD has the same head and no body', async () => {
    const answer = await answered((response) => sendError(response, error()), 'HEAD');
    expect([answer.status, answer.body]).toEqual([503, '']);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(50);
  });

  test('never follows an answer that has begun', async () => {
    const answer = await answered((response) => {
      sendJson(response, 200, '{"first":"ž"}');
      sendError(response, error());
    });
    expect([answer.status, answer.body, answer.headers['content-length']]).toEqual([
      200,
      '{"first":"ž"}',
      '14',
    ]);
  });

  test('to a client that has gone is no error', async () => {
    const done = Promise.withResolvers<void>();
    const client = answered((response) => {
      response.once('close', () => {
        expect(() => sendError(response, error())).not.toThrow();
        done.resolve();
      });
      response.destroy();
    });
    await expect(client).rejects.toThrow('socket hang up');
    await done.promise;
  });
});
