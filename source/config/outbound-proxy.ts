import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Environment } from '../shared/environment.ts';
import { Secret } from '../shared/secret.ts';
import { isLoopback } from './loopback.ts';

/** Where a request wants to go. An IPv6 address stands without brackets. */
export type Destination = { hostname: string; port: number };

/** A proxy between us and the providers, as a company has one. */
export type OutboundProxy = {
  /** Whether it is spoken to over TLS. */
  secure: boolean;
  hostname: string;
  port: number;
  /** `host:port`, as a log may show it. */
  name: string;
  /** Value of `Proxy-Authorization`; null when the address holds no user. */
  authorization: Secret | null;
};

export type OutboundProxies = {
  /** Whom to ask for a way there: null for nobody, `unusable` when the variable names something else than a proxy. */
  proxyTo(destination: Destination): OutboundProxy | 'unusable' | null;
  /** The variable that names the proxy; null without one. */
  variable: string | null;
  isUsable: boolean;
};

/** The lower-case spelling goes first, as curl has it. */
const names = ['https_proxy', 'HTTPS_PROXY'] as const;
const sparing = ['no_proxy', 'NO_PROXY'] as const;

const firstOf = <Name extends string>(env: Environment, of: readonly Name[]): Name | null =>
  of.find((name) => (env[name] ?? '').trim() !== '') ?? null;

/**
 * What HTTPS_PROXY and NO_PROXY say. Providers are asked over https alone, so that HTTP_PROXY concerns none of them. This
 * machine is never asked for through a proxy, whatever the variables say.
 */
export const outboundProxies = (env: Environment): OutboundProxies => {
  const variable = firstOf(env, names);
  if (variable === null) return { proxyTo: () => null, variable, isUsable: true };
  const proxy = parseProxy((env[variable] ?? '').trim()) ?? 'unusable';
  const isSpared = sparedBy(env[firstOf(env, sparing) ?? ''] ?? '');
  return {
    proxyTo: ({ hostname, port }) =>
      isLoopback(hostname) || isSpared({ hostname: withoutDot(hostname.toLowerCase()), port }) ? null : proxy,
    variable,
    isUsable: proxy !== 'unusable',
  };
};

const parseProxy = (text: string): OutboundProxy | null => {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    return null;
  const { hostname, username, password } = url;
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return {
    secure,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    name: `${hostname}:${port}`,
    authorization: username === '' && password === '' ? null : basic(`${plain(username)}:${plain(password)}`),
  };
};

/** As it was before it was put into an address; text with a `%` of its own stays as it is. */
const plain = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const basic = (credentials: string): Secret =>
  new Secret(`Basic ${Buffer.from(credentials).toString('base64')}`);

type Rule = (destination: Destination) => boolean;

const sparedBy = (list: string): Rule => {
  const rules = list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(ruleOf);
  return (destination) => rules.some((rule) => rule(destination));
};

/** One entry: `*`, a name (with all names under it), `.name` or `*.name` (those alone), an address or a range of addresses; a port may follow. */
const ruleOf = (entry: string): Rule => {
  if (entry === '*') return () => true;
  const { host, port } = splitPort(entry);
  const isHost = hostRule(host);
  return (destination) => (port === null || port === destination.port) && isHost(destination);
};

const splitPort = (entry: string): { host: string; port: number | null } => {
  // The colons of a bare IPv6 address, or of a range of them, lead to no port.
  if (isIPv6(entry.replace(/\/\d+$/, ''))) return { host: entry, port: null };
  const [, host = entry, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  return { host: host.replace(/^\[(.*)\](\/\d+)?$/, '$1$2'), port: port === undefined ? null : Number(port) };
};

const hostRule = (host: string): Rule => {
  const [, address = '', bits] = /^(.*?)(?:\/(\d{1,3}))?$/.exec(host) ?? [];
  if (isIP(address) !== 0) return addressRule(address, bits === undefined ? null : Number(bits));
  const [, wildcard, name = ''] = /^(\*?\.)?(.*)$/.exec(withoutDot(host)) ?? [];
  return ({ hostname }) => (wildcard === undefined && hostname === name) || hostname.endsWith(`.${name}`);
};

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

const addressRule = (address: string, bits: number | null): Rule => {
  const list = new BlockList();
  const width = isIPv6(address) ? 128 : 32;
  // A range that is none spares nobody.
  if (bits !== null && bits > width) return () => false;
  list.addSubnet(address, bits ?? width, family(address));
  return ({ hostname }) => isIP(hostname) !== 0 && list.check(hostname, family(hostname));
};

/** Names may end with the dot of the root. */
const withoutDot = (name: string): string => name.replace(/\.$/, '');
