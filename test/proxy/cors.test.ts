import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { corsHeaders, preflightHeaders } from '../../source/proxy/cors.ts';
import { answerAll, answerBytes, ask, endAll, ending, headerOf, startProxy } from './start-proxy.ts';

afterEach(endAll);

const mine = 'https://mine.example';
const allowHeaders = ({ response }: Exchange): string[] =>
  (response?.headers ?? []).flatMap(([name]) => (/^access-control-/i.test(name) ? [name.toLowerCase()] : []));

/** A provider that lets every page in, as some do. */
const start = async (allowedOrigins: string[]) => {
  const open = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' };
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, open, '{}'))));
  const proxy = await startProxy([{ name: 'work', url: upstream.url }], { config: { allowedOrigins } });
  return { ...proxy, upstream };
};

const routes = [
  ['POST', '/v1/messages'],
  ['GET', '/v1/models'],
  ['GET', '/'],
  ['HEAD', '/'],
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/metrics'],
  ['GET', '/nothing'],
  ['OPTIONS', '/v1/messages'],
] as const;

describe('a page', () => {
  test.each(routes)('of no allowed origin learns nothing from %s %s', async (method, path) => {
    const { upstream, ...proxy } = await start([mine]);
    for (const origin of ['https://evil.example', 'null', 'http://mine.example', `${mine}.evil.example`]) {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const answer = await ask(proxy, { method, path, headers });
      expect([answer.status, allowHeaders(answer)]).toEqual([403, []]);
    }
    expect(upstream.connections).toHaveLength(0);
  });

  test('of an allowed origin is told of that origin, and of no other and no credentials', async () => {
    const { upstream, ...proxy } = await start(['https://other.example', mine]);
    for (const [method, path] of routes) {
      const answer = await ask(proxy, { method, path, headers: { origin: mine } });
      expect([path, headerOf(answer, 'access-control-allow-origin')]).toEqual([path, mine]);
      expect(headerOf(answer, 'vary')).toBe('Origin');
      expect(headerOf(answer, 'access-control-allow-credentials')).toBeUndefined();
      expect(allowHeaders(answer)).toHaveLength(2);
    }
    expect(upstream.connections.length).toBeGreaterThan(0);
  });

  test('of an allowed origin may ask first, and asking reaches no provider', async () => {
    const { upstream, ...proxy } = await start([mine]);
    const headers = {
      origin: mine,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'cors',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'anthropic-version,content-type, X-Api-Key',
    };
    for (const path of ['/v1/messages', '/nothing']) {
      const answer = await ask(proxy, { method: 'OPTIONS', path, headers });
      expect(answer.status).toBe(204);
      expect(headerOf(answer, 'access-control-allow-origin')).toBe(mine);
      expect(headerOf(answer, 'access-control-allow-headers')).toBe(
        'anthropic-version, content-type, x-api-key',
      );
      expect(headerOf(answer, 'access-control-allow-methods')).not.toContain('*');
      expect(headerOf(answer, 'vary')).toContain('Origin');
    }
    expect(upstream.connections).toHaveLength(0);
  });
});

test('no program that is no page is told anything, whatever the provider says', async () => {
  const { upstream, ...proxy } = await start([mine]);
  const answer = await ask(proxy);
  expect([answer.status, allowHeaders(answer)]).toEqual([200, []]);
  expect(upstream.connections).toHaveLength(1);
});

test('only names of headers are repeated, and only so many', () => {
  const asked = (text: string): string | undefined =>
    preflightHeaders('OPTIONS', {
      origin: mine,
      'access-control-request-method': 'POST',
      'access-control-request-headers': text,
    })?.['access-control-allow-headers'];
  expect(asked('a, b c, *\u0000, d;e, <x>, f')).toBe('a, f');
  expect(asked('')).toBeUndefined();
  expect(asked(Array.from({ length: 500 }, (_, n) => `x-${n}`).join(','))?.split(', ')).toHaveLength(64);
  expect(preflightHeaders('OPTIONS', { origin: mine })).toBeNull();
  expect(preflightHeaders('POST', { origin: mine, 'access-control-request-method': 'POST' })).toBeNull();
  expect(corsHeaders(mine)['access-control-allow-origin']).toBe(mine);
});
