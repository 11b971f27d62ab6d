import { expect, test } from 'vitest';
import { isLoopback } from '../../source/config/loopback.ts';

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.9.8.7', '::1', '[::1]'])(
  '%s is this machine',
  (host) => expect(isLoopback(host)).toBe(true),
);

test.each([
  '127.0.0.1.example.com',
  '127.1',
  'localhost.example.com',
  '0.0.0.0',
  '::',
  '[::2]',
  '',
  '10.0.0.1',
])('%j may be another machine', (host) => expect(isLoopback(host)).toBe(false));
