import type { Server } from 'node:http';
import { CcrError } from '../shared/errors.ts';
import type { Exchange } from './exchange.ts';

export type Bound = { url: string; host: string; port: number };

/** Binds the port. Rejects with a CcrError that names it and says how to choose another. */
export const bind = (server: Server, host: string, port: number): Promise<Bound> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(error, host, port)));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address ? address.port : port;
      const name = host.includes(':') ? `[${host}]` : host;
      resolve({ url: `http://${name}:${actual}`, host, port: actual });
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

/**
 * Closes the port at once, idle connections with it, and the rest when their requests have ended or `limitMs` are
 * over. Resolves with the number of requests that had to be cut.
 */
export const closeServer = (server: Server, live: Set<Exchange>, limitMs: number): Promise<number> =>
  new Promise((resolve) => {
    let cut = 0;
    const timer = setTimeout(() => {
      cut = live.size;
      server.closeAllConnections();
    }, limitMs);
    server.close(() => {
      clearTimeout(timer);
      resolve(cut);
    });
    for (const { response } of live) response.shouldKeepAlive = false;
    server.closeIdleConnections();
  });
