import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOrigin } from '../config/listen-origin.ts';
import { CcrError } from '../shared/errors.ts';
import type { LiveRequests } from './live-requests.ts';

export type Bound = { url: string; host: string; port: number };

/** Binds the port. Rejects with a CcrError that names it and says how to choose another. */
export const bind = (server: Server, host: string, port: number, secure = false): Promise<Bound> =>
  new Promise((resolve, reject) => {
    // Stays: what accepting meets later (no descriptors left) is no reason to end.
    server.on('error', (error: NodeJS.ErrnoException) => reject(bindError(error, host, port)));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address ? address.port : port;
      resolve({ url: listenOrigin(host, actual, secure), host, port: actual });
    });
  });

const bindError = (error: NodeJS.ErrnoException, host: string, port: number): CcrError => {
  if (error.code === 'EADDRINUSE') {
    const hint = 'choose another with --port N, or --port 0 for a free one';
    return new CcrError('port_in_use', `port ${port} on ${host} is in use`, { hint, cause: error });
  }
  const hint = 'choose another with --host and --port';
  return new CcrError('failed', `cannot listen on ${host}:${port} (${error.code})`, { hint, cause: error });
};

/** Long enough for what was just answered to reach its client; nothing else is under way then. */
const lastWordsMs = 100;

/** How long requests may take to tell their end after their connections are closed. */
const rowsMs = 1000;

/** Marks all that is under way as cut. Answers that have begun are ended in order; returns their connections. */
const cutAnswers = (live: LiveRequests): Socket[] => {
  const speaking: Socket[] = [];
  for (const exchange of live) {
    if (exchange.cut || exchange.response.closed) continue;
    exchange.cut = true;
    live.cut += 1;
    if (exchange.passing === null) continue;
    exchange.passing.cutShort();
    speaking.push(exchange.request.socket);
  }
  return speaking;
};

/**
 * Closes the port at once, idle connections with it, and the rest when their requests have ended or `limitMs` are
 * over. Resolves with the number of requests that had to be cut, by this call or one beside it, when all of them have
 * told their end.
 */
export const closeServer = async (server: Server, live: LiveRequests, limitMs: number): Promise<number> => {
  const cutAll = (): void => {
    const speaking = new Set(cutAnswers(live));
    for (const { request } of live) if (!speaking.has(request.socket)) request.socket.destroy();
    // Who does not take his last words is closed without them; with nobody speaking there is nothing to wait for.
    setTimeout(() => server.closeAllConnections(), speaking.size > 0 ? lastWordsMs : 0).unref();
  };
  const timer = limitMs > 0 ? setTimeout(cutAll, limitMs) : undefined;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const { response } of live) response.shouldKeepAlive = false;
  server.closeIdleConnections();
  // Also the second call, when somebody does not want to wait any longer: the server is closed already then.
  if (limitMs <= 0) cutAll();
  // An answer whose head had gone out said keep-alive: its client would hold the connection, and so the drain.
  void live.emptied().then(() => setTimeout(() => server.closeAllConnections(), lastWordsMs).unref());
  await closed;
  clearTimeout(timer);
  await Promise.race([live.emptied(), sleep(rowsMs, null, { ref: false })]);
  return live.cut;
};
