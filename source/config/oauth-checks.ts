import { parseBaseUrl } from './base-url.ts';
import { shown, type Check } from './checks.ts';

/** The URL of a service that gets credentials: held to the same rules as base URLs, and kept as it was written. */
export const serviceUrl: Check<string> = {
  parse: (value) => {
    const checked = parseBaseUrl('openai', value);
    return checked.ok ? { ok: true, value: String(value).trim() } : checked;
  },
  fromText: (text) => text,
};

/** The id of an OAuth client. It is public. */
export const clientId: Check<string> = {
  parse: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9._~-]{1,200}$/.test(value)
      ? { ok: true, value }
      : { ok: false, what: `${shown(value)} is not a client id`, fix: 'use the id as its provider gives it' },
  fromText: (text) => text,
};
