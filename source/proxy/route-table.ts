import type { ForwardRules } from './forward.ts';

// Which paths exist. What is not listed is 404 and never forwarded.

export type Envelope = 'anthropic' | 'openai';

export type Route =
  | { kind: 'health' }
  | { kind: 'ready' }
  | { kind: 'root' }
  | { kind: 'metrics' }
  | ({ kind: 'forward' } & ForwardRules)
  | { kind: 'refused'; code: 'not_found' | 'method_not_allowed'; message: string };

type Row = { match: RegExp; methods: readonly string[]; route: Route };

export const messagesPath = '/v1/messages';
const messages: Route = { kind: 'forward', replay: true, identity: true };

/** First match wins. `replay: false`: running twice would create something twice. */
const rows: readonly Row[] = [
  { match: /^\/$/, methods: ['GET', 'HEAD'], route: { kind: 'root' } },
  { match: /^\/healthz$/, methods: ['GET', 'HEAD'], route: { kind: 'health' } },
  { match: /^\/readyz$/, methods: ['GET', 'HEAD'], route: { kind: 'ready' } },
  { match: /^\/metrics$/, methods: ['GET', 'HEAD'], route: { kind: 'metrics' } },
  {
    match: /^\/v1\/messages\/batches(?:\/|$)/,
    methods: ['GET', 'POST', 'DELETE'],
    route: { kind: 'forward', replay: false, identity: false, uploadMiB: 256 },
  },
  {
    match: /^\/v1\/files(?:\/|$)/,
    methods: ['GET', 'POST', 'DELETE'],
    route: { kind: 'forward', replay: false, identity: false, uploadMiB: 512 },
  },
  { match: /^\/v1\/messages$/, methods: ['POST'], route: messages },
  {
    match: /^\/v1\/messages\/count_tokens$/,
    methods: ['POST'],
    route: { kind: 'forward', replay: true, identity: true },
  },
  {
    match: /^\/v1\/(?:chat\/completions|responses)$/,
    methods: ['POST'],
    route: {
      kind: 'refused',
      code: 'not_found',
      message: 'the OpenAI routes are not part of this version; use the Anthropic route /v1/messages',
    },
  },
  {
    match: /^\/v1\//,
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    route: { kind: 'forward', replay: true, identity: false },
  },
];

/** Characters an API path consists of; anything else (encoded dots, backslashes, `@`) has no business here. */
const plainPath = /^\/[A-Za-z0-9_\-./~:%]*$/;
const climbing = /(?:^|\/)\.{1,2}(?:\/|$)|%2e|%2f|%5c|%0|\/\//i;

const unknown: Route = { kind: 'refused', code: 'not_found', message: 'there is nothing at this path' };

/** Finds the route of a request; `path` without the query. */
export const routeOf = (method: string, path: string): Route => {
  // Nearly every request: found without looking through the table.
  if (path === messagesPath && method === 'POST') return messages;
  if (!plainPath.test(path) || climbing.test(path)) return unknown;
  const row = rows.find(({ match }) => match.test(path));
  if (!row) return unknown;
  if (row.methods.includes(method)) return deletes(method, row.route);
  return { kind: 'refused', code: 'method_not_allowed', message: `use ${row.methods.join(' or ')} here` };
};

/** A second DELETE of what is gone answers an error the client never asked for. */
const deletes = (method: string, route: Route): Route =>
  method === 'DELETE' && route.kind === 'forward' ? { ...route, replay: false } : route;

/** Whose error form a caller on this path reads. */
export const envelopeOf = (path: string): Envelope =>
  /^\/v1\/(?:chat\/completions|responses)$/.test(path) ? 'openai' : 'anthropic';
