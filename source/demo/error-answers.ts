import type { Json } from './parse-request.ts';
import type { HeaderList } from './limit-headers.ts';

/** An answer that is ready to send in one piece. */
export type Answer = { status: number; headers: HeaderList; body: string };

const types = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'api_error',
  529: 'overloaded_error',
} as const;

export type ErrorStatus = keyof typeof types;

/** The error envelope: what an error body and an error event in a stream consist of. */
export const errorEnvelope = (
  status: ErrorStatus,
  message: string,
  requestId: string,
): Json & { type: string } => ({
  type: 'error',
  error: { type: types[status], message },
  request_id: requestId,
});

/** A JSON answer. */
export const jsonAnswer = (status: number, body: Json, headers: HeaderList = []): Answer => ({
  status,
  headers: [['content-type', 'application/json'], ...headers],
  body: JSON.stringify(body),
});

/** An error in the API's envelope. */
export const errorAnswer = (
  status: ErrorStatus,
  message: string,
  requestId: string,
  headers: HeaderList = [],
): Answer => jsonAnswer(status, errorEnvelope(status, message, requestId), headers);
