import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCaller } from '../../source/proxy/caller.ts';
import { describe as read } from '../../source/proxy/describe.ts';
import type { Exchange } from '../../source/proxy/exchange.ts';
import { createMeter } from '../../source/proxy/key-limits.ts';
import { permit } from '../../source/proxy/permit.ts';
import { unlimited, type KeyLimits } from '../../source/shared/client-key.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { record, testConfig } from './start-proxy.ts';

const candidates = ['home', 'work'].map((name) => ({
  record: record({ name, url: 'https://relay.example' }),
})) as unknown as Parameters<typeof permit>[1];

type Asked = {
  method?: string;
  path?: string;
  account?: string;
  body?: string;
  limits?: Partial<KeyLimits> | null;
};

/** As a request is when its body has come. */
const exchangeOf = ({
  method = 'POST',
  path = '/v1/messages',
  account,
  body = '{}',
  limits = {},
}: Asked): Exchange => {
  const rules = { config: () => testConfig(), clock: systemClock, spending: () => null };
  const headers = account === undefined ? {} : { 'x-ccr-account': account };
  const bytes = Buffer.from(body);
  // Bodies come in pieces.
  const chunks = bytes.length > 8000 ? [bytes.subarray(0, 5000), bytes.subarray(5000)] : [bytes];
  return {
    caller: limits === null ? null : createCaller('ci', { ...unlimited, ...limits }, createMeter(), rules),
    request: { method, headers },
    path,
    body: { chunks, length: bytes.length },
    description: read(headers, chunks),
    accounts: null,
  } as unknown as Exchange;
};

const codeOf = (asked: Asked): string | null => permit(exchangeOf(asked), candidates)?.code ?? null;
const haiku = { models: ['claude-haiku-*'] };
const haikuCode = (body: string, more: Asked = {}): string | null => codeOf({ body, limits: haiku, ...more });

describe('the model', () => {
  test('has to be one of the key, and a key without a limit may use any', () => {
    expect(haikuCode('{"model":"claude-haiku-5-5"}')).toBeNull();
    expect(haikuCode('{"model":"claude-opus-5-5"}')).toBe('key_forbidden');
    for (const limits of [{}, null])
      expect(codeOf({ body: '{"model":"claude-opus-5-5"}', limits })).toBeNull();
  });

  const long = JSON.stringify('y'.repeat(20_000));
  test.each([
    ['none', '{}'],
    ['no JSON', 'model=claude-haiku-5-5'],
    ['no object', '["claude-haiku-5-5"]'],
    ['no text', '{"model":["claude-haiku-5-5"]}'],
    ['a byte order mark', '\ufeff{"model":"claude-haiku-5-5"}'],
    ['another one first', '{"model":"claude-opus-5-5","model":"claude-haiku-5-5"}'],
    ['another one last', '{"model":"claude-haiku-5-5","model":"claude-opus-5-5"}'],
    ['another one far behind', `{"model":"claude-haiku-5-5","x":${long},"model":"claude-opus-5-5"}`],
    ['another one far before', `{"model":"claude-opus-5-5","x":${long},"model":"claude-haiku-5-5"}`],
    ['another one in other letters', '{"model":"claude-haiku-5-5","MODEL":"claude-opus-5-5"}'],
    ['another one in an escape', '{"\\u006dodel":"claude-opus-5-5","model":"claude-haiku-5-5"}'],
    ['one deeper down', '{"requests":[{"params":{"model":"claude-haiku-5-5"}}]}'],
    ['one that is too long to be one', `{"model":"claude-haiku-${'5'.repeat(300)}"}`],
  ])('that cannot be told for sure is refused: %s', (_, body) => {
    expect(haikuCode(body)).toBe('key_forbidden');
  });

  test('is one that the key may use for every reader: first or last field, letters told apart or not', () => {
    const name = fc.constantFrom('model', 'Model', 'MODEL', '\\u006dodel');
    const value = fc.constantFrom('claude-haiku-5-5', 'claude-opus-5-5');
    const fields = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 4 });
    const exact = new Set(['model', '\\u006dodel']);
    fc.assert(
      fc.property(fields, fc.constantFrom(0, 6000), (given, padding) => {
        const parts = given.map(([field, model]) => `"${field}":"${model}"`);
        const code = haikuCode(`{"pad":"${'y'.repeat(padding)}",${parts.join(',')}}`);
        const plain = given.filter(([field]) => exact.has(field));
        const readings = [given[0], given.at(-1), plain[0], plain.at(-1)].map((field) => field?.[1]);
        const sure = new Set(readings).size === 1 && given.length === plain.length;
        const mayRun = sure && readings[0] === 'claude-haiku-5-5';
        expect(code).toBe(mayRun ? null : 'key_forbidden');
      }),
    );
  });

  test('is asked for only where one runs', () => {
    expect(haikuCode('', { method: 'GET', path: '/v1/models' })).toBeNull();
    expect(haikuCode('file', { path: '/v1/files' })).toBeNull();
    expect(haikuCode('', { path: '/v1/files/file_1/content' })).toBeNull();
    expect(haikuCode('', { method: 'DELETE', path: '/v1/messages/batches/b1' })).toBeNull();
    expect(haikuCode('', { path: '/v1/filesystem' })).toBe('key_forbidden');
    expect(haikuCode('{}', { path: '/v1/messages/count_tokens' })).toBe('key_forbidden');
  });

  test('in a batch is looked at by nobody: such a key makes none', () => {
    const body = '{"model":"claude-haiku-5-5","requests":[{"params":{"model":"claude-opus-5-5"}}]}';
    expect(haikuCode(body, { path: '/v1/messages/batches' })).toBe('key_forbidden');
    expect(codeOf({ body, path: '/v1/messages/batches' })).toBeNull();
  });

  test('cannot be told of a body that is not kept: the client is to try again', () => {
    const exchange = { ...exchangeOf({ limits: haiku }), upload: {} as Exchange['upload'] };
    expect(permit(exchange, candidates)).toMatchObject({
      code: 'all_overloaded',
      headers: { 'retry-after': '2' },
    });
  });
});

describe('the accounts', () => {
  const permitted = (asked: Asked): [string | null, string[] | null] => {
    const exchange = exchangeOf(asked);
    const refusal = permit(exchange, candidates);
    return [refusal?.code ?? null, exchange.accounts === null ? null : [...exchange.accounts]];
  };

  test('that may serve are those of the key, or the one that is asked for', () => {
    expect(permitted({})).toEqual([null, null]);
    expect(permitted({ limits: { accounts: ['work', 'lost'] } })).toEqual([null, ['work', 'lost']]);
    expect(permitted({ account: 'home' })).toEqual([null, ['home']]);
    expect(permitted({ account: 'work', limits: { accounts: ['work'] } })).toEqual([null, ['work']]);
  });

  test('that are not of the key, or not there, serve nobody', () => {
    expect(permitted({ account: 'home', limits: { accounts: ['work'] } })[0]).toBe('key_forbidden');
    expect(permitted({ account: 'work, home' })[0]).toBe('bad_request');
    expect(permitted({ account: '' })[0]).toBe('bad_request');
    expect(permitted({ limits: { accounts: ['lost'] } })).toEqual(['key_forbidden', ['lost']]);
  });

  test('are no secret that a refusal tells: one that is there and one that never was sound the same', () => {
    const limits = { accounts: ['work'] };
    const said = (account: string) => permit(exchangeOf({ account, limits }), candidates)?.message;
    expect(said('home')).toBe(said('never'));
  });
});
