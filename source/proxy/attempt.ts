import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Departure } from './departure.ts';
import type { Body } from './read-body.ts';
import { startTimeLimit } from './time-limit.ts';

/** Connections to the providers, kept open and shared by all requests. HTTP/1.1 only. */
export type Agents = { http: HttpAgent; https: HttpsAgent };

export const createAgents = (): Agents => {
  const options = { keepAlive: true, maxFreeSockets: 256, scheduling: 'lifo' } as const;
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
};

export type AttemptInput = {
  agents: Agents;
  /** Base URL of the account. */
  base: URL;
  method: string;
  /** Path and query, behind the base URL's own path. */
  path: string;
  headers: string[];
  body: Body;
  connectMs: number;
  firstByteMs: number;
  client: Departure;
  /** Use a new connection, after a pooled one was found dead. */
  freshSocket: boolean;
};

export type AttemptResult =
  | { kind: 'response'; response: IncomingMessage }
  /** No answer. `stale`: a pooled connection turned out to be dead before it answered a byte. */
  | { kind: 'failed'; reason: 'unreachable' | 'timeout'; stale: boolean; sent: boolean }
  | { kind: 'aborted' };

/** Sends the request once and resolves with the head of the answer, or why there is none. Never rejects. */
export const attempt = (input: AttemptInput): Promise<AttemptResult> =>
  new Promise((resolve) => {
    if (input.client.gone) return resolve({ kind: 'aborted' });
    const request = openOrNull(input);
    if (request === null) {
      return resolve({ kind: 'failed', reason: 'unreachable', stale: false, sent: false });
    }
    const state = { sent: false, timedOut: false };
    const stopTimer = watch(request, input, state);
    const stopListening = input.client.onLeave(() => void request.destroy());
    const finish = (result: AttemptResult): void => {
      stopTimer();
      stopListening();
      resolve(result);
    };
    request.once('response', (response) => finish({ kind: 'response', response }));
    const lost = (): void => {
      if (input.client.gone) return finish({ kind: 'aborted' });
      finish({
        kind: 'failed',
        reason: state.timedOut ? 'timeout' : 'unreachable',
        stale: request.reusedSocket && !state.timedOut,
        sent: state.sent,
      });
    };
    // Stays for the life of the request: a reset after the head arrives here too and must find a listener.
    request.on('error', lost);
    // An answer that is no response (101 to a request that asked for no upgrade) ends without an error.
    request.once('close', lost);
    send(request, input.body);
  });

/** null for a header that no request can carry: a stored secret with a line end in it. */
const openOrNull = (input: AttemptInput): ClientRequest | null => {
  try {
    return open(input);
  } catch {
    return null;
  }
};

const open = ({ agents, base, method, path, headers, freshSocket }: AttemptInput): ClientRequest => {
  const secure = base.protocol === 'https:';
  const agent = secure ? agents.https : agents.http;
  return (secure ? httpsRequest : httpRequest)({
    agent: freshSocket ? false : agent,
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port === '' ? (secure ? 443 : 80) : base.port,
    method,
    path: `${base.pathname.replace(/\/$/, '')}${path}`,
    headers,
    setDefaultHeaders: false,
  });
};

/** Ends the attempt when the connection, then the first byte, takes too long. Returns how to stop watching. */
const watch = (
  request: ClientRequest,
  { connectMs, firstByteMs }: AttemptInput,
  state: { sent: boolean; timedOut: boolean },
): (() => void) => {
  const expire = (): void => {
    state.timedOut = true;
    request.destroy(new Error('timed out'));
  };
  let limit = startTimeLimit(connectMs, expire);
  const connected = (): void => {
    state.sent = true;
    limit.stop();
    limit = startTimeLimit(firstByteMs, expire);
  };
  request.once('socket', (socket) => {
    if (!socket.connecting) connected();
    else socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', connected);
  });
  return () => limit.stop();
};

const send = (request: ClientRequest, body: Body): void => {
  const last = body.chunks.length - 1;
  request.cork();
  for (let i = 0; i < last; i += 1) request.write(body.chunks[i]);
  if (last >= 0) request.end(body.chunks[last]);
  else request.end();
  request.uncork();
};
