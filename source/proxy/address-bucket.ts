import { isIP } from 'node:net';

/** What counts as one client: an IPv4 address, or the /64 of IPv6 addresses that one customer of a provider has. */
export const addressBucket = (address: string): string => (isIP(address) === 6 ? prefixOf(address) : address);

const prefixOf = (address: string): string => {
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before.slice(0, 4).join(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
};
