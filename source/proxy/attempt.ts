import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isLoopback } from '../config/loopback.ts';
import type { Departure } from './departure.ts';
import type { Body } from './read-body.ts';
import { startTimeLimit } from './time-limit.ts';

/** Connections to the providers, kept open and shared by all requests. HTTP/1.1 only. */
export type Agents = { http: HttpAgent; https: HttpsAgent };

export const createAgents = (): Agents => {
  const options = { keepAlive: true, maxFreeSockets: 256, scheduling: 'lifo' } as const;
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
};

/** Where the requests of an account go: its base URL, taken apart once. */
export type Target = {
  secure: boolean;
  /** Whether it can only be this machine. */
  loopback: boolean;
  hostname: string;
  port: number;
  /** `host[:port]`, as the Host header says it. */
  host: string;
  /** Path of the base URL, without a slash at its end. */
  prefix: string;
};

export const targetOf = (baseUrl: string): Target => {
  const { protocol, hostname, port, host, pathname } = new URL(baseUrl);
  const secure = protocol === 'https:';
  return {
    secure,
    loopback: isLoopback(hostname),
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    host,
    prefix: pathname.replace(/\/$/, ''),
  };
};

export type AttemptInput = {
  agents: Agents;
  target: Target;
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
    const { client, connectMs, firstByteMs } = input;
    let sent = false;
    let timedOut = false;
    const limit = startTimeLimit(connectMs, () => {
      timedOut = true;
      request.destroy(new Error('timed out'));
    });
    const stopListening = client.onLeave(() => void request.destroy());
    const finish = (result: AttemptResult): void => {
      limit.stop();
      stopListening();
      resolve(result);
    };
    const lost = (): void => {
      if (client.gone) return finish({ kind: 'aborted' });
      const reason = timedOut ? 'timeout' : 'unreachable';
      finish({ kind: 'failed', reason, stale: request.reusedSocket && !timedOut, sent });
    };
    whenConnected(request, () => {
      sent = true;
      limit.restart(firstByteMs);
    });
    // None of these is taken off: what a second one says finds the promise settled.
    request.on('response', (response) => finish({ kind: 'response', response }));
    // A reset after the head arrives here too and must find a listener.
    request.on('error', lost);
    // An answer that is no response (101 to a request that asked for no upgrade) ends without an error.
    request.on('close', lost);
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

const open = ({ agents, target, method, path, headers, freshSocket }: AttemptInput): ClientRequest => {
  const { secure, hostname, port, prefix } = target;
  const agent = secure ? agents.https : agents.http;
  return (secure ? httpsRequest : httpRequest)({
    agent: freshSocket ? false : agent,
    host: hostname,
    port,
    method,
    path: prefix + path,
    headers,
    setDefaultHeaders: false,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: without the check anybody on the way gets the key.
    rejectUnauthorized: true,
  });
};

/** Calls back when the request has a connection that is ready to carry it. */
const whenConnected = (request: ClientRequest, connected: () => void): void => {
  request.on('socket', (socket) => {
    if (!socket.connecting) connected();
    else socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', connected);
  });
};

const send = (request: ClientRequest, body: Body): void => {
  const last = body.chunks.length - 1;
  request.cork();
  for (let i = 0; i < last; i += 1) request.write(body.chunks[i]);
  if (last >= 0) request.end(body.chunks[last]);
  else request.end();
  request.uncork();
};
