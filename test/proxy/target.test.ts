import { expect, test } from 'vitest';
import { targetOf } from '../../source/proxy/target.ts';

test.each([
  [
    'https://api.anthropic.com',
    { secure: true, hostname: 'api.anthropic.com', port: 443, host: 'api.anthropic.com', prefix: '' },
  ],
  [
    'https://llm.example:8443/a/b/',
    { hostname: 'llm.example', port: 8443, host: 'llm.example:8443', prefix: '/a/b' },
  ],
  ['http://[::1]:8080', { secure: false, loopback: true, hostname: '::1', port: 8080, host: '[::1]:8080' }],
  ['http://127.0.0.1', { loopback: true, port: 80, host: '127.0.0.1' }],
])('%s is taken apart', (url, parts) => {
  expect(targetOf(url)).toMatchObject({ loopback: false, ...parts });
});

test('two paths of one origin share connections, two ports do not', () => {
  const [one, path, port, scheme] = [
    'https://a.example',
    'https://A.example:443/x',
    'https://a.example:444',
    'http://a.example',
  ].map((url) => targetOf(url).origin);
  expect(path).toBe(one);
  expect(new Set([one, port, scheme]).size).toBe(3);
});
