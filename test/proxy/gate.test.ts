import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { exchange } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { gate, type GateInput, type GateRules } from '../../source/proxy/gate.ts';
import { numRuns } from '../kit/long-run.ts';
import { captured } from './byte-samples.ts';
import { answerAll, answerBytes, ask, endAll, ending, headerOf, startProxy } from './start-proxy.ts';

const rules: GateRules = {
  host: '127.0.0.1',
  port: 4180,
  secure: false,
  allowedHosts: [],
  allowedOrigins: [],
};

const pass = (
  headers: Record<string, string | undefined>,
  changes: Partial<GateRules> = {},
  target = '/v1/messages',
) => {
  const given = { host: '127.0.0.1:4180', ...headers };
  const sent = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const rawHeaders = Object.entries(sent).flatMap(([name, value]) => [name, value]);
  return (
    gate({ method: 'GET', version: '1.1', rawHeaders, headers: sent, target }, { ...rules, ...changes })
      ?.code ?? 'passes'
  );
};

describe('the Host', () => {
  test.each(['127.0.0.1:4180', 'localhost:4180', '[::1]:4180', 'LocalHost:4180'])('%s passes', (host) =>
    expect(pass({ host })).toBe('passes'),
  );

  test.each([
    undefined,
    '',
    'evil.example',
    'evil.example:4180',
    'localhost.evil.example:4180',
    '127.0.0.1.nip.io:4180',
    'user@localhost:4180',
    'localhost:4180@evil.example',
    'localhost.:4180',
    'localhost:4181',
    'localhost',
    '127.0.0.1',
    '[::ffff:127.0.0.1]:4180',
    '::1:4180',
    '0.0.0.0:4180',
    '0x7f.1:4180',
    'localhost:04180',
    ' localhost:4180',
    'localhost:4180, evil.example',
  ])('%j is refused', (host) => expect(pass({ host })).toBe('host_refused'));

  test('is also the loopback address that the proxy listens on, and no other one', () => {
    expect(pass({ host: '127.0.0.2:4180' }, { host: '127.0.0.2' })).toBe('passes');
    expect(pass({ host: '127.0.0.3:4180' }, { host: '127.0.0.2' })).toBe('host_refused');
    expect(pass({ host: '127.0.0.2:4180' })).toBe('host_refused');
    expect(pass({ host: '0.0.0.0:4180' }, { host: '0.0.0.0' })).toBe('host_refused');
  });

  test('given twice is refused, even when both are right', () => {
    const rawHeaders = ['Host', '127.0.0.1:4180', 'hOsT', '127.0.0.1:4180'];
    const refusal = gate(
      { method: 'GET', version: '1.1', rawHeaders, headers: { host: '127.0.0.1:4180' }, target: '/' },
      rules,
    );
    expect(refusal?.code).toBe('bad_request');
  });

  test('on port 80 needs no port', () => {
    expect(pass({ host: 'localhost' }, { port: 80 })).toBe('passes');
    expect(pass({ host: 'localhost:80' }, { port: 80 })).toBe('passes');
  });

  test('a name that was allowed passes with any port, one with a port only with that, others never', () => {
    const allowedHosts = ['box.local', 'dev.local:8443', '[fd00::1]'];
    for (const host of ['box.local', 'Box.Local:99', 'dev.local:8443', '[fd00::1]:4180']) {
      expect([host, pass({ host }, { allowedHosts })]).toEqual([host, 'passes']);
    }
    for (const host of [
      'dev.local',
      'dev.local:99',
      'xbox.local',
      'box.local.evil.example',
      'box.local:x',
      'box.local:1:2',
    ]) {
      expect([host, pass({ host }, { allowedHosts })]).toEqual([host, 'host_refused']);
    }
  });

  test('of all texts only the exact ones pass', () => {
    const passing = new Set(['127.0.0.1:4180', 'localhost:4180', '[::1]:4180']);
    const part = fc.constantFrom('localhost', '127.0.0.1', '[::1]', ':', '4180', '.', '@', '/', ' ', 'x');
    const host = fc.oneof(
      fc.string(),
      fc.array(part).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(host, (host) => {
        expect(pass({ host })).toBe(passing.has(host.toLowerCase()) ? 'passes' : 'host_refused');
      }),
      { numRuns },
    );
  });
});

describe('a web page', () => {
  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:4180' },
    { origin: 'http://127.0.0.1:3000' },
    { origin: 'file://' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    { 'sec-fetch-site': 'something new' },
    { 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    { 'sec-fetch-dest': 'image' },
    { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'script' },
  ])('%j is refused', (headers) => expect(pass(headers)).toBe('origin_refused'));

  test('passes from an origin that was allowed, and from no other', () => {
    const allowedOrigins = ['https://app.example'];
    expect(pass({ origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }, { allowedOrigins })).toBe(
      'passes',
    );
    for (const origin of [
      'https://app.example.evil.example',
      'http://app.example',
      'https://app.example, x',
      '*',
    ]) {
      expect(pass({ origin }, { allowedOrigins })).toBe('origin_refused');
    }
  });

  test('what is no web page passes: an address that a person typed, and what the clients send', () => {
    expect(pass({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toBe('passes');
    expect(pass({ 'sec-fetch-mode': 'cors', 'accept-language': '*' })).toBe('passes');
    for (const name of [
      'cc-messages-authtoken',
      'cc-models-discovery',
      'sdk-messages-stream',
      'openai-chat-stream',
    ]) {
      const { headers, raw, target } = captured(name);
      const port = Number(headers['host']?.split(':')[1]);
      expect(
        gate({ method: 'POST', version: '1.1', rawHeaders: raw, headers, target }, { ...rules, port }),
      ).toBeNull();
    }
  });
});

describe('what a page can send without asking first', () => {
  const post = (headers: Record<string, string>, method = 'POST') =>
    gate(
      {
        method,
        version: '1.1',
        rawHeaders: [],
        headers: { host: '127.0.0.1:4180', ...headers },
        target: '/v1/messages',
      },
      rules,
    )?.code ?? 'passes';

  test.each([
    'text/plain',
    'TEXT/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('%s is refused', (type) => expect(post({ 'content-type': type })).toBe('origin_refused'));

  test.each(['authorization', 'x-api-key', 'anthropic-version', 'anthropic-beta'])(
    'with %s a browser would have asked: it passes',
    (name) => expect(post({ 'content-type': 'multipart/form-data; boundary=x', [name]: 'x' })).toBe('passes'),
  );

  test.each(['application/json', 'text/plainer', 'application/octet-stream'])('%s passes', (type) =>
    expect(post({ 'content-type': type })).toBe('passes'),
  );

  test('a header that a browser SDK adds changes nothing', () => {
    const headers = { 'anthropic-dangerous-direct-browser-access': 'true', 'content-type': 'text/plain' };
    expect(post(headers)).toBe('origin_refused');
    expect(post({ ...headers, origin: 'https://evil.example' })).toBe('origin_refused');
  });
});

describe('beyond loopback', () => {
  const open = { host: '0.0.0.0', port: 443, secure: true };
  const from = (host: string, localAddress: string | undefined, changes: Partial<GateRules> = {}) =>
    gate(
      {
        method: 'GET',
        version: '1.1',
        rawHeaders: ['Host', host],
        headers: { host },
        target: '/',
        localAddress,
      },
      { ...rules, ...open, ...changes },
    )?.code ?? 'passes';

  test.each([
    ['192.168.1.5', '192.168.1.5'],
    ['192.168.1.5:443', '::ffff:192.168.1.5'],
    ['[FD00::5]', 'fd00::5'],
    ['[fd00::5]:443', 'fd00::5'],
  ])('%s passes on a connection to %s', (host, local) => expect(from(host, local)).toBe('passes'));

  test.each(['192.168.1.6', '192.168.1.5:80', '192.168.1.5.evil.example', 'box.lan', '::ffff:192.168.1.5'])(
    '%s is refused there',
    (host) => expect(from(host, '192.168.1.5')).toBe('host_refused'),
  );

  test('a name without a port means the port of the scheme', () => {
    expect(from('localhost', undefined)).toBe('passes');
    expect(from('localhost', undefined, { secure: false })).toBe('host_refused');
    expect(from('localhost', undefined, { secure: true, port: 80 })).toBe('host_refused');
  });
});

describe('the target', () => {
  test.each([
    'http://evil.example/v1/messages',
    'evil.example:443',
    '*',
    '//evil.example/',
    '',
    'v1/messages',
    '\\v1',
  ])('%j is refused: only plain paths are ours', (target) =>
    expect(pass({}, {}, target)).toBe('host_refused'),
  );

  test.each(['/', '/v1/messages?beta=true', '/nothing/here'])('%s passes, whatever there is', (target) =>
    expect(pass({}, {}, target)).toBe('passes'),
  );
});

describe('the form', () => {
  const of = (changes: Partial<GateInput>, headers: Record<string, string> = {}): string => {
    const host = { host: '127.0.0.1:4180' };
    const input = { method: 'POST', version: '1.1', target: '/v1/messages', rawHeaders: [] };
    return gate({ ...input, ...changes, headers: { ...host, ...headers } }, rules)?.code ?? 'passes';
  };

  test.each(['chunked', 'CHUNKED'])('in the coding %s passes, in HTTP/1.1 alone', (coding) => {
    expect(of({}, { 'transfer-encoding': coding })).toBe('passes');
    expect(of({ version: '1.0' }, { 'transfer-encoding': coding })).toBe('bad_request');
  });

  test.each(['gzip, chunked', 'chunked, chunked', 'identity', '', 'xchunked'])(
    'in the coding %j is refused',
    (coding) => expect(of({}, { 'transfer-encoding': coding })).toBe('coding_refused'),
  );

  test('of HTTP/1.0 and 1.1 passes, and of nothing else', () => {
    const versions = ['1.0', '1.1', '0.9', '1.2', '2.0'];
    expect(versions.map((version) => of({ version }))).toEqual([
      'passes',
      'passes',
      'bad_request',
      'bad_request',
      'bad_request',
    ]);
  });

  test('may expect 100-continue, and nothing else', () => {
    expect(of({}, { expect: '100-Continue' })).toBe('passes');
    for (const expected of ['banana', '', '100-continue, banana']) {
      expect(of({}, { expect: expected })).toBe('expectation_refused');
    }
  });

  test('has 1,000 headers at most', () => {
    const headers = (count: number) => Array.from({ length: 2 * count }, () => 'x');
    expect(of({ rawHeaders: headers(1000) })).toBe('passes');
    expect(of({ rawHeaders: headers(1001) })).toBe('head_too_large');
  });

  test.each(['/v1/models?a#b', '/v1/models?\u009b', '/v1/mod\u00e9ls', '/v1/models?a b'])(
    'with the target %j is refused',
    (target) => expect(of({ target })).toBe('bad_request'),
  );

  test('OPTIONS of everything is a method that is not served', () => {
    expect(of({ target: '*', method: 'OPTIONS' })).toBe('method_not_allowed');
    expect(of({ target: '*' })).toBe('host_refused');
  });
});

/** A proxy in front of an upstream whose connections can be counted: none may come. */
const guarded = async () => {
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
  return { ...(await startProxy([{ name: 'work', url: upstream.url }])), upstream };
};

describe('on the wire', () => {
  afterEach(endAll);

  test.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('a simple POST of %s, without a word on who sends it: 403 on every route', async (type) => {
    const proxy = await guarded();
    for (const path of ['/v1/messages', '/v1/files', '/', '/healthz', '/nothing', '/v1/chat/completions']) {
      const answer = await ask(proxy, { path, headers: { 'content-type': type } });
      expect([path, answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([path, 403, 'origin_refused']);
    }
    expect(proxy.upstream.connections).toHaveLength(0);
    const known = await ask(proxy, { headers: { 'content-type': type, 'x-api-key': 'x' } });
    expect(known.status).toBe(200);
  });

  /** `HOST` is the proxy, `EVIL` is not. */
  const smuggled: readonly (readonly [what: string, head: string])[] = [
    ['a second Host', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nHost: EVIL'],
    ['a second Host in other letters', 'GET PATH HTTP/1.1\r\nhOST: EVIL\r\nHost: HOST'],
    ['the same Host twice', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nHost: HOST'],
    ['a Host on a folded line', 'GET PATH HTTP/1.1\r\nHost: HOST\r\n EVIL'],
    ['a space before the colon', 'GET PATH HTTP/1.1\r\nHost : HOST'],
    ['two Hosts in one', 'GET PATH HTTP/1.1\r\nHost: HOST, EVIL'],
    ['a Host behind a bare line feed', 'GET PATH HTTP/1.1\r\nHost: EVIL\nHost: HOST'],
    ['a tab and a Host', 'GET PATH HTTP/1.1\r\nHost: EVIL\tHOST'],
    ['absolute-form to another', 'GET http://EVILPATH HTTP/1.1\r\nHost: HOST'],
    ['absolute-form to us', 'GET http://HOSTPATH HTTP/1.1\r\nHost: HOST'],
    ['absolute-form to us, Host of another', 'GET http://HOSTPATH HTTP/1.1\r\nHost: EVIL'],
    ['authority-form', 'GET EVIL:443 HTTP/1.1\r\nHost: HOST'],
    ['authority-form for a tunnel', 'CONNECT HOST HTTP/1.1\r\nHost: HOST'],
    ['HTTP/1.0 without a Host', 'GET PATH HTTP/1.0'],
    ['HTTP/1.0 with the Host of another', 'GET PATH HTTP/1.0\r\nHost: EVIL'],
    ['HTTP/0.9', 'GET PATH'],
    ['X-Forwarded-Host', 'GET PATH HTTP/1.1\r\nHost: EVIL\r\nX-Forwarded-Host: HOST'],
  ];
  test.each(smuggled)('%s gets nothing on any route', async (_, head) => {
    const proxy = await guarded();
    for (const path of ['/', '/healthz', '/readyz', '/v1/models', '/metrics', '/nothing']) {
      const bytes = head
        .replaceAll('HOST', proxy.host)
        .replaceAll('EVIL', 'evil.example')
        .replaceAll('PATH', path);
      const { status, end } = await exchange(proxy.port, `${bytes}\r\n\r\n`);
      expect([path, status === null ? end !== 'none' : [400, 421].includes(status)]).toEqual([path, true]);
    }
    expect(proxy.upstream.connections).toHaveLength(0);
    expect(proxy.eventsOf('requestFinished')).toHaveLength(0);
  });
});
