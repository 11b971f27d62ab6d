import type { OutboundProxies } from '../config/outbound-proxy.ts';
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
/**
 * What rested for longer may be dead without anybody having said so: a router on the way has forgotten it, or this
 * machine slept meanwhile. A request that went out on it would wait for its first byte in vain, for minutes.
 */
const longestRestMs = 90_000;

type Origin = Home & { waiting: UpstreamConnection[]; drop(): void };

export type ConnectionPoolOptions = {
  /** Whom to ask for the way to a provider. */
  proxyTo: OutboundProxies['proxyTo'];
  /** A company's proxy, by this name, gave no way; why. */
  noWay(proxy: string, reason: string): void;
  /** The wall clock, in ms: it goes on while the machine sleeps, as the other one does not. */
  now?(): number;
};

const straight: ConnectionPoolOptions = { proxyTo: () => null, noWay: () => {} };

const openOrigin = (
  proxy: Home['proxy'],
  { noWay, now }: Required<Pick<ConnectionPoolOptions, 'noWay' | 'now'>>,
): Origin => {
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
      if (waiting.length >= most) return connection.destroy();
      connection.freeSince = now();
      waiting.push(connection);
    },
    closed(connection) {
      const place = waiting.lastIndexOf(connection);
      if (place !== -1) waiting.splice(place, 1);
    },
    proxy,
    noWay(reason) {
      if (proxy !== null) noWay(proxy === 'unusable' ? 'HTTPS_PROXY' : proxy.name, reason);
    },
    session: {
      get: () => session,
      set: (next) => {
        session = next;
      },
    },
  };
};

export const createConnectionPool = ({
  proxyTo,
  noWay,
  now = Date.now,
}: ConnectionPoolOptions = straight): ConnectionPool => {
  const origins = new Map<string, Origin>();

  const originOf = (target: Target): Origin => {
    const { origin } = target;
    const known = origins.get(origin);
    if (known) return known;
    if (origins.size >= mostOrigins) {
      const [oldest = ''] = origins.keys();
      origins.get(oldest)?.drop();
      origins.delete(oldest);
    }
    const opened = openOrigin(proxyTo(target), { noWay, now });
    origins.set(origin, opened);
    return opened;
  };

  return {
    take(target, fresh) {
      const origin = originOf(target);
      return (fresh ? null : lastUsable(origin.waiting, now())) ?? new UpstreamConnection(target, origin);
    },
  };
};

const lastUsable = (waiting: UpstreamConnection[], now: number): UpstreamConnection | null => {
  for (let connection = waiting.pop(); connection !== undefined; connection = waiting.pop()) {
    // A clock that was set back tells nothing either.
    const rested = Math.abs(now - connection.freeSince);
    if (rested <= longestRestMs && connection.usableUntil > performance.now()) return connection;
    connection.destroy();
  }
  return null;
};
