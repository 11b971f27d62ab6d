import type { AccountKind } from '../shared/types.ts';
import { shown, type Checked } from './checks.ts';
import { isLoopback } from './loopback.ts';

const maxLength = 2048;

const wrong = (what: string, fix: string): Checked<string> => ({ ok: false, what, fix });

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
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return wrong(`${shown(url.origin)} is not encrypted`, 'use https; http is only for this machine');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return wrong(`${shown(url.protocol)} is not a web address`, 'use https');
  }
  const path = url.pathname.replace(/\/+$/, '');
  const prefix = kind === 'openai' ? path : path.replace(/(?:\/+v1)+$/, '').replace(/\/+$/, '');
  return { ok: true, value: `${url.origin}${prefix}` };
};
