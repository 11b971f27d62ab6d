import { expect, test } from 'vitest';
import { isSpared, sparedHosts } from '../../source/clients/company-proxy.ts';

test('a host is spared by its name in the list, whatever the spaces, and by *', () => {
  expect(isSpared('127.0.0.1', { NO_PROXY: 'a.example, 127.0.0.1' })).toBe(true);
  expect(isSpared('127.0.0.1', { no_proxy: '*' })).toBe(true);
  expect(isSpared('127.0.0.1', { NO_PROXY: '127.0.0.10,localhost' })).toBe(false);
  expect(isSpared('127.0.0.1', {})).toBe(false);
});

test('the small letters go first, unless there is nothing in them', () => {
  expect(sparedHosts({ no_proxy: 'a', NO_PROXY: 'b' })).toBe('a');
  expect(sparedHosts({ no_proxy: '', NO_PROXY: 'b' })).toBe('b');
  expect(sparedHosts({})).toBe('');
});
