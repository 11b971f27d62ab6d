import { expect, test } from 'vitest';
import { listenOrigin } from '../../source/config/listen-origin.ts';

test.each([
  ['127.0.0.1', 4180, false, 'http://127.0.0.1:4180'],
  ['localhost', 4180, true, 'https://localhost:4180'],
  ['::1', 4180, false, 'http://[::1]:4180'],
  ['192.168.1.20', 443, true, 'https://192.168.1.20:443'],
  ['0.0.0.0', 4180, true, 'https://127.0.0.1:4180'],
  ['::', 4180, false, 'http://[::1]:4180'],
] as const)('%s port %i, TLS %s: %s', (host, port, secure, url) =>
  expect(listenOrigin(host, port, secure)).toBe(url),
);
