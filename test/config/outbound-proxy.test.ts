import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { outboundProxies, type OutboundProxy } from '../../source/config/outbound-proxy.ts';

const proxy = 'http://proxy.example:3128';

const destinationOf = (text: string) => {
  const { hostname, port } = new URL(`https://${text}`);
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) };
};

const proxyOf = (env: Record<string, string>, to = 'api.example'): OutboundProxy | 'unusable' | null =>
  outboundProxies(env).proxyTo(destinationOf(to));

describe('the proxy', () => {
  test.each([
    ['http://proxy.example:3128', { secure: false, hostname: 'proxy.example', port: 3128 }],
    ['http://proxy.example', { secure: false, hostname: 'proxy.example', port: 80 }],
    ['https://proxy.example/', { secure: true, hostname: 'proxy.example', port: 443 }],
    ['proxy.example:3128', { secure: false, hostname: 'proxy.example', port: 3128 }],
    ['proxy:3128', { secure: false, hostname: 'proxy', port: 3128 }],
    ['10.0.0.1:3128', { secure: false, hostname: '10.0.0.1', port: 3128 }],
    [' http://[fd00::1]:3128 ', { secure: false, hostname: 'fd00::1', port: 3128, name: '[fd00::1]:3128' }],
  ])('of %j', (value, expected) => {
    expect(proxyOf({ HTTPS_PROXY: value })).toMatchObject({ ...expected, authorization: null });
    expect(outboundProxies({ HTTPS_PROXY: value })).toMatchObject({
      variable: 'HTTPS_PROXY',
      isUsable: true,
    });
  });

  test.each([
    'socks5://proxy.example',
    'ftp://proxy.example',
    'http://',
    'http://a b',
    '%',
    'http://p:99999',
  ])('of %j is none, and nothing goes past it', (value) => {
    expect(proxyOf({ HTTPS_PROXY: value })).toBe('unusable');
    expect(outboundProxies({ HTTPS_PROXY: value }).isUsable).toBe(false);
    expect(proxyOf({ HTTPS_PROXY: value, NO_PROXY: 'api.example' })).toBeNull();
  });

  test('is named in either spelling, the lower one first, and an empty one names none', () => {
    expect(proxyOf({ https_proxy: 'low:1', HTTPS_PROXY: 'high:1' })).toMatchObject({ hostname: 'low' });
    expect(proxyOf({ https_proxy: ' ', HTTPS_PROXY: 'high:1' })).toMatchObject({ hostname: 'high' });
    expect(proxyOf({ HTTPS_PROXY: '' })).toBeNull();
    expect(proxyOf({ HTTP_PROXY: proxy, ALL_PROXY: proxy })).toBeNull();
    expect(outboundProxies({})).toMatchObject({ variable: null, isUsable: true });
  });

  test.each([
    ['http://me:pass@proxy', 'me:pass'],
    ['http://me@proxy', 'me:'],
    ['http://DOMAIN%5Cme:p%40ss%3A%20w%C3%B6rd@proxy', 'DOMAIN\\me:p@ss: wörd'],
    ['http://me:100%25%@proxy', 'me:100%25%'],
    ['me:pass@proxy:3128', 'me:pass'],
  ])('of %j shows its user, and tells nobody else', (value, credentials) => {
    const found = proxyOf({ HTTPS_PROXY: value }) as OutboundProxy;
    expect(found.authorization?.reveal()).toBe(`Basic ${Buffer.from(credentials).toString('base64')}`);
    expect(`${JSON.stringify(found)}${inspect(found)}`).not.toMatch(/pass|Basic|cGFz/);
  });
});

describe('what goes without the proxy', () => {
  test.each(['localhost', '127.0.0.1', '127.9.9.9:8443', '[::1]'])('%s, always', (to) => {
    expect(proxyOf({ HTTPS_PROXY: proxy }, to)).toBeNull();
  });

  const spared: readonly (readonly [list: string, to: string, isSpared: boolean])[] = [
    ['*', 'api.example', true],
    ['a.test, *', 'api.example', true],
    ['api.example', 'api.example', true],
    ['API.Example', 'api.example', true],
    ['api.example.', 'api.example', true],
    ['api.example', 'api.example.', true],
    ['example', 'api.example', true],
    ['example', 'myexample', false],
    ['.example', 'api.example', true],
    ['.example', 'a.b.example', true],
    ['.example', 'example', false],
    ['*.example', 'api.example', true],
    ['*.example', 'example', false],
    ['*.example', 'api.example.test', false],
    ['pi.example', 'api.example', false],
    ['one,two  api.example', 'api.example', true],
    [' , ,', 'api.example', false],
    ['api.example:443', 'api.example', true],
    ['api.example:8443', 'api.example', false],
    ['api.example:8443', 'api.example:8443', true],
    ['.example:8443', 'api.example:8443', true],
    ['*.example:8443', 'api.example', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.30', false],
    ['10.1.2.3:8443', '10.1.2.3', false],
    ['10.1.2.3:8443', '10.1.2.3:8443', true],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/33', '10.0.0.0', false],
    ['10.0.0.0/8', 'ten.example', false],
    ['fd00::1', '[fd00::1]', true],
    ['fd00:0:0::0001', '[fd00::1]', true],
    ['[fd00::1]', '[fd00::1]', true],
    ['[fd00::1]:8443', '[fd00::1]', false],
    ['[fd00::1]:8443', '[fd00::1]:8443', true],
    ['fd00::/8', '[fdff::1]', true],
    ['fd00::/8', '[fe00::1]', false],
    ['fd00::1', '[fd00::2]', false],
  ];
  test.each(spared)('by %j: %s (%s)', (list, to, isSpared) => {
    expect(proxyOf({ HTTPS_PROXY: proxy, NO_PROXY: list }, to) === null).toBe(isSpared);
  });

  test('the lower-case list goes first, and an empty one is none', () => {
    expect(proxyOf({ HTTPS_PROXY: proxy, no_proxy: 'a.test', NO_PROXY: 'api.example' })).not.toBeNull();
    expect(proxyOf({ HTTPS_PROXY: proxy, no_proxy: '', NO_PROXY: 'api.example' })).toBeNull();
  });
});
