import type { Socket } from 'node:net';
import { isLoopback } from '../config/loopback.ts';
import { isForwarder, mayOpen, plainAddress, type AddressRules } from './client-address.ts';
import { connectionName, createConnectionCap } from './connection-cap.ts';
import type { HttpServerOptions } from './http-server.ts';
import type { LiveRequests } from './live-requests.ts';

/** Connections at a time, and those of them from one other machine. A connection costs descriptors and memory. */
const mostConnections = 512;
const mostOfOneAddress = 256;

/** Requests of one connection at a time, once there are more of them than connections: no client sends them so. */
const mostPipelined = 8;

export type ClientConnectionsContext = {
  live: LiveRequests;
  config(): AddressRules;
  /** Told why a connection was closed. */
  refused(reason: string): void;
};

export type ClientConnections = Pick<HttpServerOptions, 'admits' | 'owed' | 'broke' | 'left'> & {
  /** Closes a connection that holds more than its part when the requests under way are many; true when it did. */
  endsGreedy(socket: Socket): boolean;
};

/** Which connections of clients are taken, how many, and what becomes of their requests when they end. */
export const clientConnections = (context: ClientConnectionsContext): ClientConnections => {
  const { live, config, refused } = context;
  const cap = createConnectionCap({
    most: mostConnections,
    mostOfOne: mostOfOneAddress,
    standsForMany: (address) => isLoopback(address) || isForwarder(address, config()),
    busy: () => busyOf(live),
  });
  return {
    admits(socket) {
      const address = plainAddress(socket.remoteAddress ?? '');
      if (!mayOpen(address, config())) {
        refused(`address_refused: ${address} is not among allowedAddresses`);
        return false;
      }
      if (cap.admit(socket)) return true;
      refused(`too many connections: one from ${address} was closed`);
      return false;
    },
    owed: (socket) =>
      live
        .on(socket)
        .filter(({ request, response }) => request.complete || response.headersSent)
        .map(({ response }) => response)
        .filter((response) => !response.writableFinished && !response.destroyed),
    broke(socket, status) {
      for (const exchange of live.on(socket)) {
        if (exchange.request.complete) continue;
        exchange.status = status;
        // An upload that has gone on in part ends there too.
        exchange.client.leave();
      }
    },
    left(socket) {
      for (const { response, client } of live.on(socket)) if (!response.writableFinished) client.leave();
    },
    endsGreedy(socket) {
      if (live.size < mostConnections || live.on(socket).length < mostPipelined) return false;
      refused('too many requests at once on one connection');
      socket.destroy();
      return true;
    },
  };
};

/** Those whose request runs. Not while it waits for its body: a byte now and then would hold a place for ever. */
const busyOf = (live: LiveRequests): ReadonlySet<string> => {
  const running = Array.from(live).filter(({ request, account }) => request.complete || account !== null);
  return new Set(running.map(({ request }) => connectionName(request.socket)));
};
