import { isLoopback } from '../config/loopback.ts';
import type { HttpErrorCode } from '../shared/errors.ts';

// Before anything else, on every route: is this a program of this machine, or a web page that found the port?
// A name check that is not exact lets `localhost.evil.example` in; a port check stops a page of another local server.

export type GateRules = {
  /** The address that the proxy listens on; another one of 127.0.0.0/8 is a name of its own. */
  host: string;
  port: number;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
};

export type GateInput = {
  rawHeaders: readonly string[];
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The request target as sent. */
  target: string;
};

export type Refusal = { code: HttpErrorCode; message: string };

/** null when the request may pass. Pure. */
export const gate = (input: GateInput, rules: GateRules): Refusal | null => {
  if (countOf(input.rawHeaders, 'host') > 1) return { code: 'bad_request', message: 'two Host headers' };
  const host = input.headers['host'];
  if (typeof host !== 'string' || !isAllowedHost(host, rules)) {
    return {
      code: 'host_refused',
      message: 'this Host is not served; add it to allowedHosts if it is yours',
    };
  }
  const { headers } = input;
  const origin = headers['origin'];
  if (origin !== undefined && !(typeof origin === 'string' && rules.allowedOrigins.includes(origin))) {
    return { code: 'origin_refused', message: 'requests from web pages are refused' };
  }
  const site = headers['sec-fetch-site'];
  if (origin === undefined && site !== undefined && !sameSite.has(String(site))) {
    return { code: 'origin_refused', message: 'cross-site requests are refused' };
  }
  // Only the plain form of a target is ours; absolute-form would be a proxy request for somebody else.
  if (!input.target.startsWith('/') || input.target.startsWith('//')) {
    return { code: 'host_refused', message: 'only plain paths are served' };
  }
  return null;
};

/** `none` is a person typing an address; our own answers contain nothing a page could build on. */
const sameSite = new Set(['none', 'same-origin']);

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** An allowed name without a port matches any port, as it does behind a forwarder. */
const isAllowedHost = (host: string, { host: own, port, allowedHosts }: GateRules): boolean => {
  const name = host.toLowerCase();
  if (ownNames(own, port).has(name)) return true;
  return allowedHosts.some((allowed) => name === allowed || name.replace(/:\d{1,5}$/, '') === allowed);
};

let lastNames = { host: '', port: -1, names: new Set<string>() };

/** What clients of this machine may call us. Kept for the next request: neither address nor port change while we run. */
const ownNames = (host: string, port: number): ReadonlySet<string> => {
  if (lastNames.host === host && lastNames.port === port) return lastNames.names;
  const bare = isLoopback(host) ? [...loopbackNames, host] : loopbackNames;
  const names = new Set(bare.map((name) => `${name}:${port}`));
  if (port === 80) for (const name of bare) names.add(name);
  lastNames = { host, port, names };
  return names;
};

const countOf = (raw: readonly string[], wanted: string): number => {
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]?.length === wanted.length && raw[i]?.toLowerCase() === wanted) count += 1;
  }
  return count;
};
