import type { Target } from './target.ts';
import { UpstreamConnection, type Home } from './upstream-connection.ts';

/** Connections to the providers, kept open and shared by all requests to the same origin. HTTP/1.1 only. */
export type ConnectionPool = {
  /** For one request: the connection that was used last of the free ones, or a new one; `fresh` asks for a new one. */
  take(target: Target, fresh: boolean): UpstreamConnection;
};

/** Of one origin; a client that opens more at a time than this opens the rest anew. */
const mostFree = 256;
/** Base URLs come and go while we run; the place of the oldest is for others. */
const mostOrigins = 256;

type Origin = Home & { waiting: UpstreamConnection[]; drop(): void };

const openOrigin = (): Origin => {
  const waiting: UpstreamConnection[] = [];
  let session: Buffer | undefined;
  let most = mostFree;
  return {
    waiting,
    drop() {
      most = 0;
      for (const connection of waiting.splice(0)) connection.destroy();
    },
    free(connection) {
      if (waiting.length >= most) connection.destroy();
      else waiting.push(connection);
    },
    closed(connection) {
      const place = waiting.lastIndexOf(connection);
      if (place !== -1) waiting.splice(place, 1);
    },
    session: {
      get: () => session,
      set: (next) => {
        session = next;
      },
    },
  };
};

export const createConnectionPool = (): ConnectionPool => {
  const origins = new Map<string, Origin>();

  const originOf = ({ origin }: Target): Origin => {
    const known = origins.get(origin);
    if (known) return known;
    if (origins.size >= mostOrigins) {
      const [oldest = ''] = origins.keys();
      origins.get(oldest)?.drop();
      origins.delete(oldest);
    }
    const opened = openOrigin();
    origins.set(origin, opened);
    return opened;
  };

  return {
    take(target, fresh) {
      const origin = originOf(target);
      return (fresh ? null : lastUsable(origin.waiting)) ?? new UpstreamConnection(target, origin);
    },
  };
};

const lastUsable = (waiting: UpstreamConnection[]): UpstreamConnection | null => {
  for (let connection = waiting.pop(); connection !== undefined; connection = waiting.pop()) {
    if (connection.usableUntil > performance.now()) return connection;
    connection.destroy();
  }
  return null;
};
