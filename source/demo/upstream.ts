import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock, type Clock } from '../shared/clock.ts';
import { acceleratedClock } from './accelerated-clock.ts';
import { createArrivals, type Arrival } from './arrivals.ts';
import { createFaultSwitch, type FaultRule } from './faults.ts';
import { seededRandom, type Random } from '../shared/seeded-random.ts';
import { usualReply, type Replier } from './replies.ts';
import type { Pace } from './send-answer.ts';
import { serveRequest } from './serve-request.ts';
import {
  createAccount,
  type AccountTruth,
  type SimulatedAccount,
  type UpstreamAccount,
} from './simulated-account.ts';

export type UpstreamOptions = {
  accounts: readonly UpstreamAccount[];
  /** A free one by default. */
  port?: number;
  /** What the windows go by; the system's by default. */
  clock?: Clock;
  /** How many times faster than `clock` time passes for the windows; 1 by default. Pauses are not affected. */
  speed?: number;
  /** Everything random comes from here; always the same numbers by default. */
  random?: Random;
  pace?: Partial<Pace>;
  reply?: Replier;
  /** Characters in one delta of a stream; 24 by default. */
  deltaLength?: number;
  /** How many requests are remembered; 10,000 by default. */
  keep?: number;
};

/** A running simulated provider. */
export type Upstream = {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  port: number;
  /** The clock that the windows go by. */
  clock: Clock;
  /** What arrived, oldest first; the objects are updated while a request goes on. */
  requests: readonly Arrival[];
  /** The first remembered or coming request that matches, once its body is complete. */
  awaitRequest(match?: (arrival: Arrival) => boolean, timeoutMs?: number): Promise<Arrival>;
  /** The first remembered or coming request that matches, once it has ended. */
  awaitClose(match?: (arrival: Arrival) => boolean, timeoutMs?: number): Promise<Arrival>;
  /** Makes requests fail; the returned function clears this fault. Throws when there is no such account. */
  fail(rule: FaultRule): () => void;
  clearFaults(): void;
  /** Takes another key for an account, too. Throws when there is no such account. */
  accept(account: string, key: string): void;
  /** From now on nothing pauses: what is being said is said at once. */
  hurry(): void;
  /** By account name: what a client would have to find out. */
  truth(): Record<string, AccountTruth>;
  /** Open connections. */
  connections(): number;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
};

const watchConnections = (server: Server): (() => number) => {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // A client may vanish at any moment; the response is told by its 'close'.
    socket.on('error', () => undefined);
  });
  return () => open.size;
};

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const accept = (accounts: Map<string, SimulatedAccount>, name: string, key: string): void => {
  const known = [...accounts.values()].find((account) => account.name === name);
  if (known === undefined) throw new Error(`no account ${name} to accept a key for`);
  accounts.set(key, known);
};

/**
 * Starts a simulated provider on 127.0.0.1: the Messages API with accounts, quota windows that run out and come back,
 * a prompt cache, and faults on demand. Rejects when the port is taken. The same requests in the same order get the
 * same answers, except for the times in them.
 */
export const startUpstream = async (options: UpstreamOptions): Promise<Upstream> => {
  const clock = acceleratedClock(options.clock ?? systemClock, options.speed ?? 1);
  const arrivals = createArrivals(options.keep ?? 10_000);
  const faults = createFaultSwitch();
  const start = clock.now();
  const accounts = new Map(options.accounts.map((account) => [account.key, createAccount(account, start)]));
  const world = {
    accounts,
    clock,
    arrivals,
    faults,
    random: options.random ?? seededRandom(1),
    pace: { headMs: 0, pieceMs: 0, ...options.pace },
    hurried: false,
    pausing: new Set<AbortController>(),
    reply: options.reply ?? usualReply,
    deltaLength: options.deltaLength ?? 24,
  };
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
    void serveRequest(world, request, response);
  });
  const connections = watchConnections(server);
  const port = await listen(server, options.port ?? 0);
  const names = new Set(options.accounts.map(({ name }) => name));

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    clock,
    requests: arrivals.list,
    awaitRequest: arrivals.awaitRequest,
    awaitClose: arrivals.awaitClose,
    fail(rule) {
      if (rule.account !== undefined && !names.has(rule.account)) {
        throw new Error(`no account ${rule.account} to fail`);
      }
      return faults.add(rule);
    },
    clearFaults: () => faults.clear(),
    accept: (account, key) => accept(accounts, account, key),
    hurry() {
      world.hurried = true;
      for (const pause of world.pausing) pause.abort();
    },
    truth: () =>
      Object.fromEntries(
        Array.from(accounts.values(), (account) => [account.name, account.truth(clock.now())]),
      ),
    connections,
    async close() {
      arrivals.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
