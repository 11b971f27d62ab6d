import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOwnAddress, parseBaseUrl } from '../../source/config/base-url.ts';

const kept = (kind: 'compatible' | 'openai', url: unknown): string | null => {
  const checked = parseBaseUrl(kind, url);
  return checked.ok ? checked.value : null;
};

test.each([
  ['https://api.anthropic.com', 'https://api.anthropic.com'],
  ['https://api.anthropic.com/', 'https://api.anthropic.com'],
  ['https://api.anthropic.com/v1', 'https://api.anthropic.com'],
  ['https://api.anthropic.com/v1/', 'https://api.anthropic.com'],
  ['  https://relay.example/anthropic//v1// ', 'https://relay.example/anthropic'],
  ['HTTPS://Relay.Example:443/A', 'https://relay.example/A'],
  ['https://relay.example:8443/v1beta', 'https://relay.example:8443/v1beta'],
  ['http://127.0.0.1:9000/v1', 'http://127.0.0.1:9000'],
  ['http://[::1]:9000', 'http://[::1]:9000'],
  ['http://localhost', 'http://localhost'],
])('%s is kept as %s', (url, expected) => expect(kept('compatible', url)).toBe(expected));

test('a base URL of the OpenAI kind keeps its version', () => {
  expect(kept('openai', 'https://api.example/v1/')).toBe('https://api.example/v1');
});

test.each([
  'http://relay.example',
  'http://127.0.0.1.example.com',
  'ftp://relay.example',
  'relay.example',
  'https://',
  'https:relay.example',
  'https:///relay.example',
  'https://relay.example/?a=1',
  'https://relay.example?',
  'https://relay.example/#x',
  'https://relay.example/a b',
  'https://re\nlay.example',
  'https:\\\\relay.example',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'me:hunter2@relay.example',
  'https:///me:hunter2@relay.example:99999',
  '',
  null,
  42,
  {},
])('%j is refused', (url) => expect(kept('compatible', url)).toBeNull());

test.each([
  'https://me:hunter2@relay.example',
  'https://hunter2@relay.example',
  'https://@relay.example',
  'http://a:hunter2@',
])('%s is refused without repeating what it holds', (url) => {
  const checked = parseBaseUrl('compatible', url);
  expect(checked).toEqual({
    ok: false,
    what: 'holds a user name or password',
    fix: 'give the secret on its own, not in the URL',
  });
});

test('text of any length is answered briefly', () => {
  const checked = parseBaseUrl('compatible', `https://relay.example/${'x'.repeat(3000)}`);
  expect(checked.ok ? '' : checked.what).toBe('is not a URL');
});

test('never throws, and what it keeps is safe to append a path to and is kept again unchanged', () => {
  const parts = fc.constantFrom(
    'https://',
    'http://',
    'a.example',
    '127.0.0.1',
    ':80',
    '/',
    'v1',
    '@',
    '?',
    '#',
    '%2e',
    '\\',
    ' ',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.array(parts).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(fc.constantFrom('compatible' as const, 'openai' as const), texts, (kind, text) => {
      const url = kept(kind, text);
      if (url === null) return;
      expect(url).toMatch(/^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*[^/?#\s])?$/);
      expect(new URL(`${url}/v1/messages`).origin).toBe(new URL(url).origin);
      expect(kept(kind, url)).toBe(url);
    }),
    { numRuns: 150 },
  );
});

// What a settings file from somebody else, or a slip, could make of an address.
test.each([
  ['http beyond this machine', 'http://10.0.0.1', 'is not encrypted'],
  ['the metadata service of a cloud', 'https://169.254.169.254', 'credentials'],
  ['the same without TLS', 'http://169.254.169.254/latest', 'credentials'],
  ['the same within IPv6', 'https://[::ffff:169.254.169.254]', 'credentials'],
  ['the same of IPv6', 'https://[fd00:ec2::254]', 'credentials'],
  ['a link-local address', 'https://[fe80::1]', 'credentials'],
  ['a file', 'file:///etc/passwd', 'is not a URL'],
  ['a user name', 'https://api.anthropic.com@evil.example', 'user name'],
  ['a zone', 'http://[::1%25lo]:80', 'is not a URL'],
  ['an address as one number', 'http://2130706433:80', 'unusual'],
  ['a metadata address as one number', 'https://2852039166', 'unusual'],
  ['an octal address', 'http://0177.0.0.1', 'unusual'],
  ['a hexadecimal address', 'http://0x7f.1', 'unusual'],
  ['a short address', 'http://127.1', 'unusual'],
  ['an escape in the host', 'https://%65vil.example', 'unusual'],
  ['full-width letters', 'https://ａpi.anthropic.com', 'unusual'],
  ['letters that look like others', 'https://аpi.anthropic.com', 'write it as "xn--'],
  ['every address', 'http://0.0.0.0:80', 'is not encrypted'],
])('%s is refused: %s', (_, url, reason) => {
  const checked = parseBaseUrl('compatible', url);
  expect(checked.ok ? checked.value : `${checked.what}; ${checked.fix}`).toContain(reason);
});

test.each([
  ['http://127.0.0.1:4180', true],
  ['http://localhost:4180/prefix', true],
  ['http://[::1]:4180', true],
  ['http://127.8.8.8:4180', true],
  ['https://192.0.2.7:4180', true],
  ['http://127.0.0.1:4181', false],
  ['https://provider.example:4180', false],
  ['http://127.0.0.1', false],
])('%s leads back to the proxy itself: %s', (url, own) => {
  expect(isOwnAddress(url, { host: '192.0.2.7', port: 4180 })).toBe(own);
});

test('the port that a scheme stands for counts as named', () => {
  expect(isOwnAddress('http://localhost', { host: '127.0.0.1', port: 80 })).toBe(true);
  expect(isOwnAddress('https://localhost', { host: '127.0.0.1', port: 443 })).toBe(true);
});
