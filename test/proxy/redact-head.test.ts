import { expect, it } from 'vitest';
import {
  namesSecret,
  redactHeaders,
  redactTarget,
  shownCredentials,
} from '../../source/proxy/redact-head.ts';
import { wordsOf } from '../../source/shared/redact.ts';

const words = wordsOf(['known-secret-value']);

it.each([
  'Authorization',
  'proxy-authorization',
  'X-Api-Key',
  'api_key',
  'x-goog-api-key',
  'Cookie',
  'set-cookie',
  'x-auth-token',
  'x-amz-security-token',
  'client-secret',
  'x-access-key',
  'accessToken',
  'key-passphrase',
])('a header %s is a credential, whatever its value', (name) => {
  expect(redactHeaders([name, 'plain'], [])).toEqual([[name, '[secret]']]);
});

it.each([
  'content-type',
  'anthropic-ratelimit-tokens-remaining',
  'idempotency-key',
  'x-stainless-lang',
  'etag',
])('a header %s is none', (name) => {
  expect(namesSecret(name)).toBe(false);
  expect(redactHeaders([name, 'plain'], words)).toEqual([[name, 'plain']]);
});

it('other headers keep their order and repeats, without what is known or shaped like a credential', () => {
  const raw = ['X-A', 'has known-secret-value in it', 'x-a', 'sk-ant-api03-0123456789abcdef', 'X-B', ''];
  expect(redactHeaders(raw, words)).toEqual([
    ['X-A', 'has [secret] in it'],
    ['x-a', '[secret]'],
    ['X-B', ''],
  ]);
});

it.each([
  [
    'https://h/x?access_token=abc&n=1#id_token=def',
    'https://h/x?access_token=[secret]&n=1#id_token=[secret]',
  ],
  ['<https://h/x?n=1&Signature=abc>; rel=next', '<https://h/x?n=1&Signature=[secret] rel=next'],
  ['https://me:my-word@h/x', 'https://[secret]@h/x'],
  ['text/html; charset=utf-8', 'text/html; charset=utf-8'],
  ['a=b@c, //h/x@y', 'a=b@c, //h/x@y'],
])('a header with %s keeps %s: an address within it has no credential', (value, kept) => {
  expect(redactHeaders(['location', value], words)).toEqual([['location', kept]]);
});

it('looks through a long head in linear time', () => {
  const begun = performance.now();
  for (const text of ['?', '?a', '//', '//a', '#', '&a=']) {
    redactHeaders(['location', text.repeat(100_000)], words);
  }
  expect(performance.now() - begun).toBeLessThan(3000);
});

it('a credential is what a header or a parameter of that name has, as it is and decoded', () => {
  const shown = [
    ...shownCredentials(['Authorization', 'Bearer my-own-word', 'x-a', 'b'], '/v1?n=1&key=a%2Fb'),
  ];
  expect(shown).toEqual(['Bearer my-own-word', 'my-own-word', 'a%2Fb', 'a/b']);
});

it.each([
  ['/v1/x?to=https%3A%2F%2Fh%2F%3Ftoken%3Dabc', '/v1/x?to=[secret]'],
  ['https://me:my-word@h/v1/x', 'https://[secret]@h/v1/x'],
  ['/v1/messages?beta=true', '/v1/messages?beta=true'],
  ['/v1/x?key=abc&n=1&access_token=q&flag', '/v1/x?key=[secret]&n=1&access_token=[secret]&flag'],
  ['/v1/x?a=known%2Dsecret%2Dvalue&b=known-secret-value', '/v1/x?a=[secret]&b=[secret]'],
  ['/v1/files/sk-ant-api03-0123456789abcdef?x=%ZZ', '/v1/files/[secret]?x=%ZZ'],
  ['/v1/x?sk-ant-api03-0123456789abcdef', '/v1/x?[secret]'],
])('a target %s is kept as %s', (target, kept) => {
  expect(redactTarget(target, words)).toBe(kept);
});
