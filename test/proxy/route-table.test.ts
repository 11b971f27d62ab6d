import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { envelopeOf, routeOf } from '../../source/proxy/route-table.ts';
import { numRuns } from '../kit/long-run.ts';

const forward = (replay: boolean, identity: boolean) => ({ kind: 'forward', replay, identity });
const refused = (code: string) => expect.objectContaining({ kind: 'refused', code }) as unknown;

describe('routes', () => {
  test.each([
    ['GET', '/', { kind: 'root' }],
    ['HEAD', '/', { kind: 'root' }],
    ['GET', '/healthz', { kind: 'health' }],
    ['HEAD', '/healthz', { kind: 'health' }],
    ['GET', '/readyz', { kind: 'ready' }],
    ['GET', '/metrics', { kind: 'metrics' }],
    ['POST', '/v1/messages', forward(true, true)],
    ['POST', '/v1/messages/count_tokens', forward(true, true)],
    ['GET', '/v1/models', forward(true, false)],
    ['GET', '/v1/models/claude-opus-5-5', forward(true, false)],
    ['POST', '/v1/anything/new', forward(true, false)],
  ])('%s %s', (method, path, route) => expect(routeOf(method, path)).toEqual(route));

  test.each([
    ['POST', '/v1/messages/batches'],
    ['GET', '/v1/messages/batches'],
    ['POST', '/v1/messages/batches/b_1/cancel'],
    ['DELETE', '/v1/messages/batches/b_1'],
    ['POST', '/v1/files'],
    ['GET', '/v1/files/f_1/content'],
    ['DELETE', '/v1/files/f_1'],
    ['DELETE', '/v1/anything/else'],
  ])('%s %s is never sent twice', (method, path) =>
    expect(routeOf(method, path)).toMatchObject({ kind: 'forward', replay: false }),
  );

  test.each([
    ['GET', '/v1/messages'],
    ['DELETE', '/v1/messages'],
    ['OPTIONS', '/v1/messages'],
    ['POST', '/'],
    ['DELETE', '/healthz'],
    ['TRACE', '/v1/models'],
    ['PUT', '/v1/files/f_1'],
    ['post', '/v1/messages'],
  ])('%s %s: another method', (method, path) =>
    expect(routeOf(method, path)).toEqual(refused('method_not_allowed')),
  );

  test.each([
    '/v1',
    '/v2/messages',
    '/healthz/',
    '/healthz/x',
    '/V1/messages',
    '/api/oauth/usage',
    '/admin',
    '/.env',
    '/v1/../admin',
    '/v1/./messages',
    '/v1/..',
    '/v1//messages',
    '//v1/messages',
    '/v1/%2e%2e/admin',
    '/v1/%2E%2E/admin',
    '/v1/files%2f..%2fadmin',
    '/v1/files%5c..',
    '/v1/a%00b',
    '/v1/a%0d%0aHost:x',
    '/v1/a\\b',
    '/v1/a b',
    '/v1/a@b',
    '/v1/a;b',
    '/v1/ž',
    '/v1/a#b',
    '',
    'v1/messages',
  ])('nothing at %j', (path) => {
    for (const method of ['GET', 'POST', 'DELETE'])
      expect(routeOf(method, path)).toEqual(refused('not_found'));
  });

  test('the OpenAI routes are refused with a word on what to use', () => {
    for (const path of ['/v1/chat/completions', '/v1/responses']) {
      expect(routeOf('POST', path)).toMatchObject({
        code: 'not_found',
        message: expect.stringContaining('/v1/messages'),
      });
    }
  });

  test('whatever the path, what is forwarded stays below /v1/ when a server resolves it', () => {
    const part = fc.constantFrom(
      'v1',
      'messages',
      'files',
      '/',
      '.',
      '..',
      '%2e',
      '%2F',
      '%',
      '\\',
      '?',
      '#',
      ':',
      '~',
      '@',
    );
    const path = fc.oneof(
      fc.array(part).map((parts) => `/v1/${parts.join('')}`),
      fc.array(part).map((parts) => `/${parts.join('')}`),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.constantFrom('GET', 'POST', 'DELETE'), path, (method, path) => {
        const route = routeOf(method, path);
        const resolved = route.kind === 'forward' ? new URL(`https://api.example${path}`) : null;
        expect(resolved?.host ?? 'api.example').toBe('api.example');
        expect(resolved?.pathname ?? '/v1/').toMatch(/^\/v1\//);
        expect(resolved === null || resolved.pathname === path).toBe(true);
      }),
      { numRuns },
    );
  });
});

test('errors come in the form that callers of the path read', () => {
  const openai = ['/v1/chat/completions', '/v1/responses'];
  expect(openai.map(envelopeOf)).toEqual(['openai', 'openai']);
  for (const path of ['/v1/messages', '/', '/nothing', '/v1/chat/completions/x'])
    expect(envelopeOf(path)).toBe('anthropic');
});
