import { expect, test } from 'vitest';
import { addressBucket } from '../../source/proxy/address-bucket.ts';

test('an IPv4 address is a client of its own', () => {
  expect(addressBucket('192.0.2.7')).toBe('192.0.2.7');
  expect(addressBucket('')).toBe('');
});

test('the IPv6 addresses of one /64 are one client, however they are written, and those of two are two', () => {
  const same = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::', '2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::'];
  expect(new Set(same.map(addressBucket))).toEqual(new Set(['2001:db8:1:2']));
  expect(addressBucket('2001:db8:1:3::1')).not.toBe('2001:db8:1:2');
  expect(addressBucket('::1')).toBe('0:0:0:0');
});
