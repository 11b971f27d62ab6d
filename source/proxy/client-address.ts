import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../config/loopback.ts';

// Which address a request counts for: the one that the connection came from, or what a forwarder that the user trusts
// says of it. Anybody can write X-Forwarded-For, so that only the parts that such forwarders added mean something.

export type AddressRules = {
  /** Empty: everybody may connect. */
  allowedAddresses: readonly string[];
  trustedProxies: readonly string[];
};

/** An IPv4 address as itself, also where a socket for both families writes it as an IPv6 one. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d)/i, '');

type Ranges = { has(address: string): boolean };

const build = (ranges: readonly string[]): Ranges => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return {
    has(address) {
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
};

const built = new WeakMap<readonly string[], Ranges>();

/** Lists of the settings are replaced, never changed: each is taken apart once. */
const setOf = (ranges: readonly string[]): Ranges => {
  const known = built.get(ranges);
  if (known !== undefined) return known;
  const set = build(ranges);
  built.set(ranges, set);
  return set;
};

/** One part of X-Forwarded-For as an address, without the port that some forwarders add; null when it is none. */
const forwardedAddress = (part: string): string | null => {
  const text = part.trim();
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? null : plainAddress(bare);
};

/**
 * The address of the client: from the right, the first one in X-Forwarded-For that is no trusted forwarder. What is no
 * address ends the search at the last one that was.
 */
export const clientAddressOf = (
  peer: string,
  forwardedFor: string | undefined,
  { trustedProxies }: Pick<AddressRules, 'trustedProxies'>,
): string => {
  let address = plainAddress(peer);
  if (trustedProxies.length === 0 || forwardedFor === undefined) return address;
  const trusted = setOf(trustedProxies);
  for (const part of forwardedFor.split(',').toReversed()) {
    if (!trusted.has(address)) return address;
    const before = forwardedAddress(part);
    if (before === null) return address;
    address = before;
  }
  return address;
};

/** Whether a client of this address is served. Programs of this machine are. */
export const mayConnect = (address: string, { allowedAddresses }: AddressRules): boolean =>
  allowedAddresses.length === 0 || isLoopback(address) || setOf(allowedAddresses).has(address);

/** Whether a connection from there is taken at all: a client, or a forwarder whose clients are judged one by one. */
export const mayOpen = (peer: string, rules: AddressRules): boolean => {
  const address = plainAddress(peer);
  return mayConnect(address, rules) || isForwarder(address, rules);
};

/** Whether the user trusts what comes from there to name the client: it stands for many. */
export const isForwarder = (
  address: string,
  { trustedProxies }: Pick<AddressRules, 'trustedProxies'>,
): boolean => trustedProxies.length > 0 && setOf(trustedProxies).has(address);
