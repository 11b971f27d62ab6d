import { expect, test } from 'vitest';
import { environmentWarnings } from '../../source/config/environment-warnings.ts';

test.each<Record<string, string | undefined>>([
  {},
  { PATH: '/bin', NODE_TLS_REJECT_UNAUTHORIZED: '1', HTTPS_PROXY: '', NO_PROXY: '*' },
  { https_proxy: 'http://me:MARKED@proxy.example' },
  { HTTPS_PROXY: 'proxy.example:3128', HTTP_PROXY: 'x', ALL_PROXY: 'socks5://x' },
])('nothing is said of %j', (env) => expect(environmentWarnings(env)).toEqual([]));

test.each([
  [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, /^NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: .*always checked/],
  [{ https_proxy: 'socks5://me:MARKED@proxy.example' }, /^https_proxy names no proxy that can be used, /],
  [{ HTTP_PROXY: 'MARKED', ALL_PROXY: 'MARKED' }, /^HTTP_PROXY and ALL_PROXY are not used: /],
])('of %j one sentence is said, without its value', (env, sentence) => {
  const warnings = environmentWarnings(env);
  expect(warnings).toEqual([expect.stringMatching(sentence)]);
  expect(warnings.join('')).not.toMatch(/MARKED|\n/);
});
