import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';
import { type Connection, createConnection, type Served } from './connection.ts';
import { isListening } from './probe.ts';
import { eventLines } from './subscription.ts';

const connectionLimit = 32;
const finishMs = 500;

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });

const cannotListen = (path: string, error: unknown): CcrError =>
  new CcrError('failed', `cannot listen on the control socket ${path} (${systemCode(error)})`, {
    cause: error,
  });

/** Removes the socket file of an instance that was killed. Anything else at the path is left alone. */
const removeStale = async (path: string): Promise<void> => {
  if (await isListening(path)) {
    throw new CcrError('already_running', `another process listens on ${path}`, {
      hint: 'see `ccr-tui status`; `ccr-tui stop` ends it',
    });
  }
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket() || (process.getuid !== undefined && stat.uid !== process.getuid())) {
    throw new CcrError('failed', `${path} is not a socket of ours`, { hint: 'move it away' });
  }
  rmSync(path, { force: true });
};

const listenOverStale = async (server: Server, path: string): Promise<void> => {
  try {
    await listen(server, path);
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw cannotListen(path, error);
    await removeStale(path);
    await listen(server, path).catch((again: unknown) => {
      throw cannotListen(path, again);
    });
  }
};

export type ControlServer = {
  /** Answers what is under way, ends all connections and removes the socket. Takes half a second at most. */
  close(): Promise<void>;
};

/**
 * Serves the control protocol on a Unix socket (0600) or named pipe. The caller holds the instance lock, so nobody
 * else replaces the socket meanwhile. A CcrError: `already_running` when somebody listens there, else `failed`.
 */
export const startControlServer = async (
  options: Served & { socketPath: string },
): Promise<ControlServer> => {
  const { socketPath, feed } = options;
  const connections = new Set<Connection>();
  const server = createServer((socket) => {
    const connection = createConnection(socket, options, () => connections.delete(connection));
    connections.add(connection);
  });
  server.maxConnections = connectionLimit;
  await listenOverStale(server, socketPath);
  // A failed accept (no more file descriptors) concerns that client only.
  server.on('error', () => undefined);
  if (process.platform !== 'win32') chmodSync(socketPath, 0o600);

  const unsubscribe = feed.onEvents((events) => {
    const subscribers = [...connections].filter((connection) => connection.isSubscribed());
    if (subscribers.length === 0) return;
    const lines = eventLines(events);
    for (const subscriber of subscribers) subscriber.deliver(events, lines);
  });
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      unsubscribe();
      server.close(() => resolve());
      for (const connection of connections) connection.finish(finishMs);
    });
  return {
    close() {
      closed ??= close();
      return closed;
    },
  };
};
