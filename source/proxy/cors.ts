import type { IncomingMessage, ServerResponse } from 'node:http';

// What a browser is told, and only about origins that the user named: the gate has refused all others before. The one
// origin is repeated, never `*`, and no credentials of the browser are asked for: a page shows its key by itself.

const exposed =
  'request-id, retry-after, x-should-retry, x-ccr-request-id, x-ccr-account, x-ccr-attempts, x-ccr-error';

/** How long a browser may remember what it was told, in seconds. */
const rememberS = '600';

const token = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** The header names of a preflight that are header names; at most 64. */
const namesOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => token.test(name))
    .slice(0, 64);

/** Headers for the answer to a page of an allowed origin. */
export const corsHeaders = (origin: string): Record<string, string> => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': exposed,
  vary: 'Origin',
});

/** Headers for a browser that asks whether it may send; null when the request is no such question. */
export const preflightHeaders = (
  method: string,
  headers: IncomingMessage['headers'],
): Record<string, string> | null => {
  const { origin } = headers;
  const wanted = headers['access-control-request-method'];
  if (method !== 'OPTIONS' || origin === undefined || wanted === undefined) return null;
  const names = namesOf(headers['access-control-request-headers'] ?? '');
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
    ...(names.length === 0 ? {} : { 'access-control-allow-headers': names.join(', ') }),
    'access-control-max-age': rememberS,
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  };
};

/** Prepares the answer to a page whose origin has passed the gate; true when that was all it asked for. */
export const greetPage = (
  { method = 'GET', headers }: IncomingMessage,
  response: ServerResponse,
): boolean => {
  const { origin } = headers;
  if (origin === undefined) return false;
  const preflight = preflightHeaders(method, headers);
  if (preflight !== null) {
    response.writeHead(204, { ...preflight, 'content-length': '0' });
    response.end();
    return true;
  }
  for (const [name, value] of Object.entries(corsHeaders(origin))) response.setHeader(name, value);
  return false;
};
