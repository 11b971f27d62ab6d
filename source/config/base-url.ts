import { isIPv6 } from 'node:net';
import type { AccountKind } from '../shared/types.ts';
import { shown, wrong, type Checked } from './checks.ts';
import { isLoopback } from './loopback.ts';

const maxLength = 2048;

/**
 * Whether the host is the one a person reads: `2130706433`, `0x7f.1` and `127.1` are 127.0.0.1 to every client, `%65vil`
 * is `evil`, and letters of other alphabets that look like Latin ones become `xn--…`.
 */
const isPlainHost = (text: string, url: URL): boolean => {
  const [, typed = ''] = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:]*)/i.exec(text) ?? [];
  const isAddress = url.hostname.startsWith('[') && isIPv6(typed.slice(1, -1));
  return isAddress || typed.toLowerCase() === url.hostname;
};

/** Where cloud machines are told their own credentials (169.254.169.254, fd00:ec2::254), and the rest of that segment. */
const isLinkLocal = (host: string): boolean =>
  host.startsWith('169.254.') ||
  /^\[(?:fe[89ab]|fd00:ec2:|::ffff:a9fe:)/i.test(host) ||
  host === 'metadata.google.internal';

const hostProblem = (text: string, url: URL): Checked<string> | null => {
  const host = shown(url.hostname);
  if (!isPlainHost(text, url)) return wrong('writes its host in an unusual way', `write it as ${host}`);
  if (isLinkLocal(url.hostname)) {
    return wrong(`${host} is where machines find their own credentials`, "give the provider's own address");
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return wrong(`${shown(url.origin)} is not encrypted`, 'use https; http is only for this machine');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return wrong(`${shown(url.protocol)} is not a web address`, 'use https');
  }
  return null;
};

/**
 * Where an account's requests go: origin plus path prefix, without trailing slash. Kinds other than `openai` speak the
 * Anthropic API, whose paths begin with `/v1` themselves: a trailing `/v1` is dropped there.
 */
export const parseBaseUrl = (kind: AccountKind, value: unknown): Checked<string> => {
  if (typeof value !== 'string' || value.trim() === '') {
    return wrong('is not a URL', 'use one such as https://api.anthropic.com');
  }
  const text = value.trim();
  const url = text.length > maxLength || /[\s\\]/.test(text) ? null : URL.parse(text);
  // Text that is no plain URL is never repeated: it may hold a password.
  if (/^[^/?#]*\/\/[^/?#]*@/.test(text) || (url !== null && `${url.username}${url.password}` !== '')) {
    return wrong('holds a user name or password', 'give the secret on its own, not in the URL');
  }
  if (url === null || !/^[a-z]+:\/\/[^/]/i.test(text)) {
    return wrong('is not a URL', 'use one such as https://api.anthropic.com');
  }
  if (/[?#]/.test(text)) return wrong('has a query or a fragment', 'leave out everything from ? or # on');
  const problem = hostProblem(text, url);
  if (problem !== null) return problem;
  const path = url.pathname.replace(/\/+$/, '');
  const prefix = kind === 'openai' ? path : path.replace(/(?:\/+v1)+$/, '').replace(/\/+$/, '');
  return { ok: true, value: `${url.origin}${prefix}` };
};

/** Whether that base URL leads back to the proxy that listens there: its requests would come round for ever. */
export const isOwnAddress = (baseUrl: string, own: { host: string; port: number }): boolean => {
  const url = URL.parse(baseUrl);
  if (url === null) return false;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return port === own.port && (isLoopback(host) || host === own.host.toLowerCase());
};
