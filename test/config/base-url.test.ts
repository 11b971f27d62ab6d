import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBaseUrl } from '../../source/config/base-url.ts';

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
