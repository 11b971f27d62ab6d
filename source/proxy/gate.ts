import { isLoopback } from '../config/loopback.ts';
import type { HttpErrorCode } from '../shared/errors.ts';
import { plainAddress } from './client-address.ts';

// Before anything else, on every route: is this a program of this machine, or a web page that found the port?
// A name check that is not exact lets `localhost.evil.example` in; a port check stops a page of another local server.

export type GateRules = {
  /** The address that the proxy listens on; another one of 127.0.0.0/8 is a name of its own. */
  host: string;
  port: number;
  /** The port speaks TLS: decides which port a name without one means. */
  secure: boolean;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
};

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export type GateInput = {
  method: string;
  rawHeaders: readonly string[];
  headers: Headers;
  /** The request target as sent. */
  target: string;
  /** Of HTTP, as `1.1`. */
  version: string;
  /** The address of ours that the connection came to, where that may be another than the loopback ones. */
  localAddress?: string | undefined;
};

export type Refusal = { code: HttpErrorCode; message: string };

/** null when the request may pass. Pure. */
export const gate = (input: GateInput, rules: GateRules): Refusal | null => {
  if (countOf(input.rawHeaders, 'host') > 1) return { code: 'bad_request', message: 'two Host headers' };
  const host = input.headers['host'];
  if (typeof host !== 'string' || !isAllowedHost(host, rules, input.localAddress)) {
    return {
      code: 'host_refused',
      message: 'this Host is not served; add it to allowedHosts if it is yours',
    };
  }
  const page = pageRefusal(input, rules);
  if (page !== null) return { code: 'origin_refused', message: page };
  return plainTarget.test(input.target) ? formRefusal(input) : targetRefusal(input);
};

/** Only the plain form of a target is ours; absolute-form would be a proxy request for somebody else. */
const plainTarget = /^\/(?!\/)[!"$-~]*$/;

const targetRefusal = ({ method, target }: GateInput): Refusal => {
  if (target === '*' && method === 'OPTIONS') {
    return { code: 'method_not_allowed', message: 'nothing is served by OPTIONS' };
  }
  return target.startsWith('/') && !target.startsWith('//')
    ? { code: 'bad_request', message: 'a fragment, or a character beyond ASCII, in the request target' }
    : { code: 'host_refused', message: 'only plain paths are served' };
};

/** More than any client sends. node would leave out what comes behind its own limit without a word. */
export const mostHeaders = 1000;

/** What two readers of this request could understand in two ways, or nobody here understands; null for nothing. */
const formRefusal = ({ rawHeaders, headers, version }: GateInput): Refusal | null => {
  if (rawHeaders.length > 2 * mostHeaders) {
    return { code: 'head_too_large', message: `more than ${mostHeaders} headers` };
  }
  const coding = headers['transfer-encoding'];
  if (version !== '1.1' && (version !== '1.0' || coding !== undefined)) {
    return { code: 'bad_request', message: 'HTTP/1.1 is spoken here, and 1.0 without Transfer-Encoding' };
  }
  if (coding !== undefined) {
    if (String(coding).toLowerCase() !== 'chunked') {
      return { code: 'coding_refused', message: 'the only Transfer-Encoding here is chunked' };
    }
  }
  const expected = headers['expect'];
  if (expected !== undefined && String(expected).toLowerCase() !== '100-continue') {
    return { code: 'expectation_refused', message: 'the only expectation here is 100-continue' };
  }
  return null;
};

/** Why this is, or could be, the request of a web page that is not allowed; null when it cannot be. */
const pageRefusal = ({ method, headers }: GateInput, { allowedOrigins }: GateRules): string | null => {
  const origin = headers['origin'];
  if (origin !== undefined) {
    const allowed = typeof origin === 'string' && allowedOrigins.includes(origin);
    return allowed ? null : 'requests from web pages are refused';
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined) {
    if (!sameSite.has(String(site))) return 'cross-site requests are refused';
  } else if (tellsPage(headers)) return 'requests from web pages are refused';
  if (method !== 'GET' && method !== 'HEAD' && couldBeForm(headers)) {
    return 'forms and plain text could come from a web page; send content-type: application/json';
  }
  return null;
};

/** `none` is a person typing an address; our own answers contain nothing a page could build on. */
const sameSite = new Set(['none', 'same-origin']);

/** Fetch metadata of a browser whose Sec-Fetch-Site was taken away. The fetch of Node sends `sec-fetch-mode: cors`, alone. */
const tellsPage = (headers: Headers): boolean => {
  const mode = headers['sec-fetch-mode'];
  const dest = headers['sec-fetch-dest'];
  return (mode !== undefined && mode !== 'cors') || (dest !== undefined && dest !== 'empty');
};

/** The types that a page may send anywhere without asking first (Fetch standard, "CORS-safelisted request-header"). */
const simpleType = /^(?:text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;

/** Any of these on a request makes a browser ask first. */
const askedFirst = ['authorization', 'x-api-key', 'anthropic-version', 'anthropic-beta'];

const couldBeForm = (headers: Headers): boolean => {
  const type = headers['content-type'];
  return (
    typeof type === 'string' &&
    simpleType.test(type) &&
    !askedFirst.some((name) => headers[name] !== undefined)
  );
};

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An allowed name without a port matches any port, as it does behind a forwarder. */
const isAllowedHost = (host: string, rules: GateRules, localAddress: string | undefined): boolean => {
  const name = host.toLowerCase();
  const own = withoutPort(name, rules);
  if (own !== null && isOwnName(own, rules.host, localAddress)) return true;
  return rules.allowedHosts.some((allowed) => name === allowed || name.replace(/:\d{1,5}$/, '') === allowed);
};

/** The part before our port, which may be left out where the scheme means it; null for another port. */
const withoutPort = (name: string, { port, secure }: GateRules): string | null => {
  const ending = `:${port}`;
  if (name.endsWith(ending)) return name.slice(0, -ending.length);
  return port === (secure ? 443 : 80) ? name : null;
};

/** Names can be made to lead here (DNS rebinding), addresses cannot: the one that was dialled is one of ours. */
const isOwnName = (name: string, host: string, localAddress: string | undefined): boolean =>
  loopbackNames.has(name) ||
  (name === host && isLoopback(host)) ||
  (localAddress !== undefined && name === bracketed(localAddress));

const bracketed = (address: string): string => {
  const plain = plainAddress(address).toLowerCase();
  return plain.includes(':') ? `[${plain}]` : plain;
};

const countOf = (raw: readonly string[], wanted: string): number => {
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]?.length === wanted.length && raw[i]?.toLowerCase() === wanted) count += 1;
  }
  return count;
};
