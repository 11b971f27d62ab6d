import type { ServerResponse } from 'node:http';
import { httpErrors, type HttpErrorCode } from '../shared/errors.ts';
import type { Envelope } from './route-table.ts';

export type OwnError = {
  code: HttpErrorCode;
  message: string;
  envelope: Envelope;
  /** Of its row in the history; null for an answer that has none. */
  requestId: string | null;
  /** Further headers, e.g. retry-after. */
  headers?: Readonly<Record<string, string>> | undefined;
};

/** Codes after which a retry by the client cannot help, so that its SDK is told not to. */
const hopeless: ReadonlySet<HttpErrorCode> = new Set([
  'no_account',
  'host_refused',
  'origin_refused',
  'address_refused',
  'loop_detected',
  'key_missing',
  'key_wrong',
  'key_forbidden',
  'budget_spent',
]);

/** The body in the form the caller's SDK reads. */
export const errorBody = ({ code, message, envelope, requestId }: OwnError): string => {
  const { type } = httpErrors[code];
  return envelope === 'openai'
    ? JSON.stringify({ error: { message, type, param: null, code } })
    : JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId });
};

/** Sends an answer of ours; does nothing when the client already got one or has gone. */
export const sendError = (response: ServerResponse, error: OwnError): void => {
  sendJson(response, httpErrors[error.code].status, errorBody(error), {
    'x-ccr-error': error.code,
    ...(hopeless.has(error.code) ? { 'x-should-retry': 'false' } : {}),
    ...(error.requestId === null ? {} : { 'x-ccr-request-id': error.requestId }),
    ...error.headers,
  });
};

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void => send(response, status, body, { 'content-type': 'application/json', ...headers });

/** Sends a text of that type, with status 200; as `sendError` otherwise. */
export const sendText = (response: ServerResponse, contentType: string, body: string): void =>
  send(response, 200, body, { 'content-type': contentType });

const send = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void => {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    ...headers,
  });
  // node leaves the body out by itself when the request was HEAD, but throws in strict setups: ask first.
  if (response.req.method === 'HEAD') response.end();
  else response.end(body);
};
