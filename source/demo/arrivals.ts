import type { EpochMs } from '../shared/types.ts';

/** A request as it reached the upstream. The fields after `rawHeaders` are filled in as it goes on. */
export type Arrival = {
  /** From 1 up, in the order of arrival. */
  readonly seq: number;
  readonly at: EpochMs;
  readonly method: string;
  /** With query. */
  readonly path: string;
  /** Name, value, name, value, … as on the wire. */
  readonly rawHeaders: readonly string[];
  /** Name of the account whose key it carried; null when the key is unknown. */
  account: string | null;
  bodyLength: number;
  /** Hex; null until the whole body is there (for ever, when the client left before). */
  bodySha256: string | null;
  /** Name of the fault that hit it. */
  fault: string | null;
  /** Status sent; null when no head was. */
  status: number | null;
  /** How it ended: completely sent, the client left before, or cut by a fault; null while it lasts. */
  end: 'sent' | 'client-left' | 'cut' | null;
};

type Match = (arrival: Arrival) => boolean;
type Waiter = { match: Match; resolve: (arrival: Arrival) => void; reject: (error: Error) => void };

const anyArrival: Match = () => true;

/** The newest `keep` requests, and promises of what is to come. */
export const createArrivals = (keep: number) => {
  const arrivals: Arrival[] = [];
  const waiters = new Set<Waiter>();
  let seq = 0;

  const settle = (arrival: Arrival): void => {
    for (const waiter of waiters) {
      if (!waiter.match(arrival)) continue;
      waiters.delete(waiter);
      waiter.resolve(arrival);
    }
  };

  const until = async (what: string, match: Match, timeoutMs: number): Promise<Arrival> => {
    const found = arrivals.find(match);
    if (found !== undefined) return found;
    const { promise, resolve, reject } = Promise.withResolvers<Arrival>();
    const waiter = { match, resolve, reject };
    waiters.add(waiter);
    const timer = setTimeout(() => {
      waiters.delete(waiter);
      reject(new Error(`${what} within ${timeoutMs} ms: none among ${arrivals.length} requests`));
    }, timeoutMs);
    return promise.finally(() => clearTimeout(timer));
  };

  return {
    /** The kept requests, oldest first. */
    list: arrivals as readonly Arrival[],
    arrive(head: Pick<Arrival, 'at' | 'method' | 'path' | 'rawHeaders'>): Arrival {
      seq += 1;
      const arrival: Arrival = {
        ...head,
        seq,
        account: null,
        bodyLength: 0,
        bodySha256: null,
        fault: null,
        status: null,
        end: null,
      };
      arrivals.push(arrival);
      if (arrivals.length > keep) arrivals.shift();
      return arrival;
    },
    /** To be called after each change of an arrival that somebody may wait for. */
    settle,
    /** The first kept or coming request that matches and whose body is complete. Rejects after `timeoutMs`. */
    awaitRequest: (match: Match = anyArrival, timeoutMs = 30_000): Promise<Arrival> =>
      until('a request', (arrival) => arrival.bodySha256 !== null && match(arrival), timeoutMs),
    /** The first kept or coming request that matches and has ended, one way or another. Rejects after `timeoutMs`. */
    awaitClose: (match: Match = anyArrival, timeoutMs = 30_000): Promise<Arrival> =>
      until('the end of a request', (arrival) => arrival.end !== null && match(arrival), timeoutMs),
    /** Rejects whoever still waits. */
    close(): void {
      for (const { reject } of waiters) reject(new Error('the upstream was closed'));
      waiters.clear();
    },
  };
};
