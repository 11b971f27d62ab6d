import type { Secret } from '../shared/secret.ts';
import { isLoginKind, type AccountKind } from '../shared/types.ts';

// Which headers cross, as pure functions over node:http's raw lists (name, value, name, value, …), so that spelling,
// order and repeated headers stay as they were.

/** Belong to one connection (RFC 9110 section 7.6.1) and never cross, in either direction. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Of the client, and none of the provider's business: its credentials, and where it sits. */
const clientOnly = [
  'authorization',
  'x-api-key',
  'cookie',
  'host',
  'expect',
  'content-length',
  'origin',
  'forwarded',
  'via',
  'x-real-ip',
];

type Names = (name: string) => boolean;

/** First letter (in any case) and length: rules out most names without looking at more of them. */
const fingerprint = (name: string): number => (name.charCodeAt(0) & 0x1f) * 256 + name.length;

/** Whether a name, in any spelling, is one of these or begins with one of those prefixes. */
const oneOf = (names: readonly string[], prefixes: readonly string[]): Names => {
  const exact = new Set(names);
  const marks = new Set(names.map(fingerprint));
  const letters = new Set(prefixes.map((prefix) => prefix.charCodeAt(0) & 0x1f));
  return (name) => {
    const isMarked = marks.has(fingerprint(name));
    const mayBegin = letters.has(name.charCodeAt(0) & 0x1f);
    if (!isMarked && !mayBegin) return false;
    const key = name.toLowerCase();
    return exact.has(key) || (mayBegin && prefixes.some((prefix) => key.startsWith(prefix)));
  };
};

/** Of the browser, of proxies before us, and our own. */
const isNotForUpstream = oneOf([...hopByHop, ...clientOnly], ['sec-fetch-', 'x-forwarded-', 'x-ccr-']);
const isAcceptEncoding = oneOf(['accept-encoding'], []);
/** Cookies, and words to browsers: which pages may come here the user says, not a provider. */
const isNotForClient = oneOf([...hopByHop, 'set-cookie'], ['x-ccr-', 'access-control-']);

type Credential = (secret: string) => [name: string, value: string];

const bearer: Credential = (secret) => ['authorization', `Bearer ${secret}`];

/** How each kind of account shows its secret. */
const credentials: Readonly<Record<AccountKind, Credential | null>> = {
  'api-key': (secret) => ['x-api-key', secret],
  compatible: bearer,
  openai: bearer,
  login: bearer,
  'setup-token': bearer,
  passthrough: null,
};

export type UpstreamHeaderInput = {
  raw: readonly string[];
  /** `host[:port]` of the upstream. */
  host: string;
  kind: AccountKind;
  secret: Secret;
  /** null for a request without a body; `chunked` when nobody knows. */
  contentLength: number | 'chunked' | null;
  /** Ask for an unencoded answer, so that it can be read in passing. */
  identity: boolean;
  /** The Connection header; null for that of node. */
  connection: string | null;
};

/** The header list of the upstream request. Of the data plane the only place that writes an account's secret out. */
export const upstreamHeaders = (input: UpstreamHeaderInput): string[] => {
  const out = ['Host', input.host];
  const listed = connectionListed(input.raw);
  for (let i = 0; i + 1 < input.raw.length; i += 2) {
    const name = input.raw[i] ?? '';
    if (isNotForUpstream(name) || (listed !== nothing && listed.has(name.toLowerCase()))) continue;
    if (input.identity && isAcceptEncoding(name)) continue;
    const value = input.raw[i + 1] ?? '';
    if (!unfit.test(value)) out.push(name, value);
  }
  addCredential(out, input);
  if (input.identity) out.push('Accept-Encoding', 'identity');
  if (input.connection !== null) out.push('Connection', input.connection);
  if (input.contentLength === 'chunked') out.push('Transfer-Encoding', 'chunked');
  else if (input.contentLength !== null) out.push('Content-Length', String(input.contentLength));
  return out;
};

const addCredential = (headers: string[], { kind, secret }: UpstreamHeaderInput): void => {
  const credential = credentials[kind]?.(secret.reveal());
  if (credential) headers.push(...credential);
  if (isLoginKind(kind)) addBeta(headers);
};

const oauthBeta = 'oauth-2025-04-20';

/** Names the beta that Claude logins need beside those of the client, in the last such header where there is one. */
const addBeta = (headers: string[]): void => {
  let last = -1;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== 'anthropic-beta') continue;
    if (headers[i + 1]?.split(',').some((beta) => beta.trim() === oauthBeta)) return;
    last = i + 1;
  }
  const betas = headers[last] ?? '';
  if (betas.trim() === '') headers.push('anthropic-beta', oauthBeta);
  else headers[last] = `${betas},${oauthBeta}`;
};

/** What a client is not told of one account: how full its windows are, or, when the answer speaks for all, when to come again, too. */
export type Withheld = 'nothing' | 'quotas' | 'limits';

const quotas = ['anthropic-ratelimit-'];
const withheldNames: Readonly<Record<Withheld, Names | null>> = {
  nothing: null,
  quotas: oneOf([], quotas),
  limits: oneOf(['retry-after', 'x-should-retry'], quotas),
};

/** The header list of the client's answer, before our own headers. */
export const downstreamHeaders = (raw: readonly string[], withheld: Withheld): string[] => {
  const isWithheld = withheldNames[withheld];
  const out: string[] = [];
  const listed = connectionListed(raw);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (isWithheld?.(name) === true) continue;
    if (isNotForClient(name) || (listed !== nothing && listed.has(name.toLowerCase()))) continue;
    out.push(name, cleanValue(raw[i + 1] ?? ''));
  }
  return out;
};

/**
 * Takes the length out of such a list, in place: an answer that can have no body (RFC 9110 section 8.6) must not announce one,
 * or its client takes the next answer for it.
 */
export const dropLength = (headers: string[]): void => {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (headers[i]?.toLowerCase() === 'content-length') headers.splice(i, 2);
  }
};

/** Control characters of eight bits, which terminals obey, and the byte that is part of no text. */
const unfit = /[\x80-\x9f\xff]/;

const nothing: ReadonlySet<string> = new Set();
const connectionLength = 'connection'.length;

/** Names that a Connection header declares to be hop-by-hop too. Runs for each request: most headers are ruled out early. */
const connectionListed = (raw: readonly string[]): ReadonlySet<string> => {
  let listed: Set<string> | null = null;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]?.length !== connectionLength || raw[i]?.toLowerCase() !== 'connection') continue;
    const value = raw[i + 1] ?? '';
    if (usualConnection.test(value)) continue;
    listed ??= new Set();
    for (const name of value.split(',')) listed.add(name.trim().toLowerCase());
  }
  return listed ?? nothing;
};

const usualConnection = /^(?:keep-alive|close)$/i;

/** Bytes that node refuses to write, or that a terminal would obey, become spaces. */
const cleanValue = (value: string): string =>
  /[^\t\x20-\x7e\xa0-\xff]/.test(value) ? value.replace(/[^\t\x20-\x7e\xa0-\xff]/g, ' ') : value;
